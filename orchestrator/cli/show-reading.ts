import type { OnRead } from '../controller/data-reader.ts';
import { formatDuration, formatInteger } from '../units/format.ts';
import type { Output } from './output.ts';

/** Off a terminal a line stays, so one is written no more often than this. */
const PLAIN_MILLISECONDS = 5_000;
const REDRAW_MILLISECONDS = 100;

/** Says how far reading and tokenising are: one line that changes on a terminal, a plain line now and then elsewhere. */
export function showReading(output: Output, now: () => number): OnRead {
  const startedAt = now();
  // What is over soon says nothing off a terminal.
  let shownAt = output.isTerminal ? -Infinity : startedAt;
  return ({ what, done, total }) => {
    if (done === total) return;
    const at = now();
    if (at - shownAt < (output.isTerminal ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS)) return;
    shownAt = at;
    const of = total === null ? '' : ` of ${formatInteger(total)}`;
    const line = `${what}: ${formatInteger(done)}${of}, ${formatDuration((at - startedAt) / 1000)} elapsed`;
    if (output.isTerminal) output.redraw(line);
    else output.tell(line);
  };
}
