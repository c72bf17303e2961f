import type { Answer } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import { tokenAnswer } from './token-answer.ts';

/** All tokens, by name; also those that hold no more. */
export async function listTokens({
  store,
  now,
}: Pick<Workplace, 'store' | 'now'>): Promise<Answer<'listTokens'>> {
  return { tokens: (await store.tokens.list()).map((token) => tokenAnswer(token, now())) };
}
