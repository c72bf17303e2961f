import type { Caller } from '../contract/caller.ts';
import type { Workplace } from '../controller/workplace.ts';
import { hashOf } from './create-token.ts';
import { stateOfToken } from './token-answer.ts';

/** On whose behalf the bearer of a token asks; null where it holds not, whatever the reason: that is nobody's to learn. */
export async function callerOfToken(
  { store, now }: Pick<Workplace, 'store' | 'now'>,
  token: string,
): Promise<Caller | null> {
  const found = await store.tokens.find(hashOf(token));
  if (found === null || stateOfToken(found, now()) !== 'valid') return null;
  const { name, role, team, run } = found;
  return { name, role, team, ...(run !== null && { run }) };
}
