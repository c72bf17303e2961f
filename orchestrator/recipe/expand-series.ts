import { StintError } from '../errors/stint-error.ts';

const ELLIPSIS = /^(…|\.\.\.)$/;
/** More points than anybody reads; a slip of the pen would make thousands. */
const MOST_VALUES = 64;

/**
 * `training.sequenceLength=1024,2048,…,32768`: a field's path and its values. An ellipsis goes on as the two values
 * before it do, by their ratio where the value after it is reached so, else by their difference.
 *
 * @throws StintError `wrong-option`.
 */
export function expandSeries(text: string): { readonly path: string; readonly values: readonly unknown[] } {
  const at = text.indexOf('=');
  const path = text.slice(0, at).trim();
  if (at < 1 || !/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(path))
    throw wrong(`"${text}" names no field and values`, 'write it so');
  const parts = text
    .slice(at + 1)
    .split(',')
    .map((part) => part.trim());
  const values: unknown[] = [];
  for (const [index, part] of parts.entries()) {
    if (ELLIPSIS.test(part)) values.push(...between(values, parts[index + 1]));
    else if (part !== '') values.push(valueOf(part));
  }
  if (values.length > MOST_VALUES)
    throw wrong(`${values.length} values are more than ${MOST_VALUES}`, 'take larger steps');
  const distinct = new Set(values.map((value) => JSON.stringify(value)));
  if (distinct.size < 2 || distinct.size < values.length)
    throw wrong(`"${text}" names no two values, or one of them twice`, 'name at least two, each once');
  return { path, values };
}

/** A number, true or false; everything else is text. */
function valueOf(part: string): unknown {
  if (part === 'true' || part === 'false') return part === 'true';
  const number = Number(part);
  return Number.isFinite(number) ? number : part;
}

function between(before: readonly unknown[], next: string | undefined): readonly number[] {
  const [first, second] = before.slice(-2);
  const last = Number(next);
  if (typeof first !== 'number' || typeof second !== 'number' || next === undefined || !Number.isFinite(last))
    throw wrong('an ellipsis stands between numbers', 'put two numbers before it and one after it');
  const byRatio = stepsTo(second, last, (value) => value * (second / first));
  const found = byRatio ?? stepsTo(second, last, (value) => value + (second - first));
  if (found) return found;
  throw wrong(
    `${first}, ${second}, … does not reach ${last}, neither by their ratio nor by their difference`,
    'end the series with a value that it reaches, or name the values',
  );
}

/** The values after `from` and before `to`; undefined where the steps pass it by. */
function stepsTo(from: number, to: number, next: (value: number) => number): readonly number[] | undefined {
  const steps: number[] = [];
  for (let value = next(from); steps.length <= MOST_VALUES; value = next(value)) {
    if (Math.abs(value - to) <= 1e-9 * Math.abs(to)) return steps;
    if (!Number.isFinite(value) || value === from || value > to !== from > to) return undefined;
    steps.push(value);
  }
  return undefined;
}

const wrong = (what: string, todo: string): StintError =>
  new StintError({
    code: 'wrong-option',
    where: '--sweep',
    what,
    why: 'expected a field and its values, for example training.sequenceLength=1024,2048,…,32768',
    todo,
  });
