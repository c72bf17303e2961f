import { expect, it } from 'vitest';
import { lengthBars } from '../../../orchestrator/cli/render/length-bars.ts';
import { summariseLengths } from '../../../orchestrator/plan/length-summary.ts';

const lengths = [...Array.from({ length: 90 }, (_, index) => 10 + (index % 10)), 95, 100];
const summary = summariseLengths(lengths, 16);
if (summary === null) throw new Error('there are lengths');
const lines = (width: number, sequenceLength?: number) =>
  lengthBars(summary, { width, sequenceLength }).split('\n');

it('has a line for each bin whose counts add up to all samples, and no line is wider than the terminal', () => {
  for (const width of [60, 80, 200]) {
    const drawn = lines(width);
    expect(drawn).toHaveLength(summary.bins.length);
    const counts = drawn.map((line) => Number(/ (\d+) +[\d.]+%/.exec(line)?.[1]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(lengths.length);
    for (const line of drawn) expect(line.length).toBeLessThanOrEqual(width);
  }
});

it('shows what is there at all, the most as the longest bar, and nothing where there is nothing', () => {
  const bars = lines(80).map((line) => (line.match(/[▏▎▍▌▋▊▉█]+/) ?? [''])[0]);
  const counts = summary.bins.map(({ count }) => count);
  for (const [index, bar] of bars.entries()) expect(bar === '').toBe(counts[index] === 0);
  const most = counts.indexOf(Math.max(...counts));
  expect(Math.max(...bars.map((bar) => bar.length))).toBe(bars[most]?.length);
});

it('marks the one bin into which the sequence length cuts, and none that it leaves whole', () => {
  const marked = lines(80, 50).filter((line) => line.includes('← sequence length 50'));
  expect(marked).toHaveLength(1);
  expect(lines(80, 1_000).some((line) => line.includes('←'))).toBe(false);
});
