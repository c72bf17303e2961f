import type { ErrorCode } from '../errors/catalogue.ts';
import { StintError } from '../errors/stint-error.ts';
import { didYouMean } from './did-you-mean.ts';

/**
 * The one of a list that was named, for options and fields of which a person chooses one.
 *
 * @param where - The option, as it is typed: `--stage`.
 * @param code - Where programs know the refusal by a code of its own.
 * @throws StintError that says what was found, what there is, and which of them may have been meant.
 */
export function oneOf<Choice extends string>(
  where: string,
  found: string,
  choices: readonly Choice[],
  code: ErrorCode = 'wrong-option',
): Choice {
  const chosen = choices.find((each) => each === found);
  if (chosen !== undefined) return chosen;
  const guess = didYouMean(found, choices);
  throw new StintError({
    code,
    where,
    what: `${where} is ${JSON.stringify(found)}`,
    why: choices.length === 1 ? `expected ${choices[0]}` : `expected one of ${choices.join(', ')}`,
    todo: guess === undefined ? 'name one of these' : `did you mean "${guess}"?`,
  });
}
