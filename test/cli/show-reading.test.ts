import { expect, it } from 'vitest';
import type { Output } from '../../orchestrator/cli/output.ts';
import { showReading } from '../../orchestrator/cli/show-reading.ts';

function shown(isTerminal: boolean, reads: readonly (readonly [at: number, done: number])[]) {
  const lines: string[] = [];
  let now = 0;
  const say = (line: string) => lines.push(line);
  const output = { isTerminal, redraw: say, tell: say } as unknown as Output;
  const onRead = showReading(output, () => now);
  for (const [at, done] of reads) {
    now = at;
    onRead({ what: 'rows measured', done, total: 10_000 });
  }
  return lines;
}

it('says at once on a terminal how far it is, and how long it took', () => {
  expect(
    shown(true, [
      [0, 1],
      [50, 2],
      [2_000, 5_000],
    ]),
  ).toEqual(['rows measured: 1 of 10,000, 0.0 s elapsed', 'rows measured: 5,000 of 10,000, 2.0 s elapsed']);
});

it('leaves no line off a terminal of what is over soon, and one in five seconds of what is not', () => {
  expect(
    shown(false, [
      [100, 1],
      [4_000, 9_000],
      [4_500, 10_000],
    ]),
  ).toEqual([]);
  const reads = Array.from({ length: 20 }, (_, index) => [index * 1_000, index] as const);
  expect(shown(false, reads)).toHaveLength(3);
});
