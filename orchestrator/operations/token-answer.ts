import type { TokenAnswer } from '../contract/tokens.ts';
import type { Token } from '../ports/store.ts';

/** Whether a token holds. A moment that is its end is after it. */
export function stateOfToken({ revokedAt, expiresAt }: Token, now: number): TokenAnswer['state'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && now >= expiresAt ? 'expired' : 'valid';
}

/** A token as it is shown. */
export const tokenAnswer = (token: Token, now: number): TokenAnswer => ({
  name: token.name,
  role: token.role,
  team: token.team,
  run: token.run,
  createdAt: new Date(token.createdAt).toISOString(),
  expiresAt: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
  state: stateOfToken(token, now),
});
