import type { Caller } from '../contract/caller.ts';
import { type Claims, callerOfClaims, type IdentityProvider } from '../contract/identity-provider.ts';
import type { Workplace } from '../controller/workplace.ts';
import { StintError } from '../errors/stint-error.ts';
import { callerOfToken } from './caller-of-token.ts';

/** A provider whose tokens are taken beside those that Stint has made. */
export interface TrustedProvider {
  readonly provider: Pick<IdentityProvider, 'name' | 'roles'>;
  readonly verify: (token: string) => Promise<Claims | null>;
}

/** Three parts with dots between them; tokens that Stint has made have none. */
const isJwt = (token: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);

/**
 * On whose behalf the bearer of a token asks; null where it holds not.
 *
 * @throws StintError `no-role` where the provider knows who asks, and no rule gives them anything
 */
export async function callerOfBearer(
  workplace: Pick<Workplace, 'store' | 'now'>,
  trusted: TrustedProvider | undefined,
  token: string,
): Promise<Caller | null> {
  if (trusted === undefined || !isJwt(token)) return callerOfToken(workplace, token);
  const claims = await trusted.verify(token);
  if (claims === null) return null;
  const { name, caller } = callerOfClaims(claims, trusted.provider);
  if (caller === null) throw noRole(name, trusted.provider.name);
  return caller;
}

const noRole = (name: string | null, claim: string): StintError =>
  new StintError({
    code: 'no-role',
    what: name === null ? 'nothing in this token names its bearer' : `"${name}" has no role on this server`,
    why:
      name === null
        ? `expected the claim "${claim}", in letters without spaces, and of an address that it is verified`
        : 'none of the rules for roles is met by what its identity provider says',
    todo: 'ask who runs the server for a rule that you meet',
  });
