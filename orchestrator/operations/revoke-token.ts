import type { Answer, Question } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import { StintError } from '../errors/stint-error.ts';

/** From the next request on it holds no more. @throws StintError `no-such-token`. */
export async function revokeToken(
  { store, now }: Pick<Workplace, 'store' | 'now'>,
  { name }: Question<'revokeToken'>,
): Promise<Answer<'revokeToken'>> {
  if (await store.tokens.revoke(name, now())) return { name };
  throw new StintError({
    code: 'no-such-token',
    where: name,
    what: `there is no token "${name}"`,
    todo: 'list them with `stint tokens ls`',
  });
}
