import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shuffledPage } from '../../ops/shuffled/page.ts';
import { SHUFFLED_PARTS, shuffledStep } from '../../ops/shuffled/shuffled-step.ts';
import { STEPS } from '../../ops/test-steps.ts';

const tally = (passed: number, failed = 0) => ({ passed, failed, skipped: [] });
const lines = (page: string) => page.split('\n').filter((line) => line.startsWith('| 2'));

describe('the shuffled suite', () => {
  it('runs the parts of the suite, each told its order and its seed', () => {
    for (const part of SHUFFLED_PARTS) {
      const step = shuffledStep(part, 7);
      const plain = STEPS.find((each) => each.part === part);
      expect(step.args.slice(0, plain?.args.length)).toEqual(plain?.args);
      expect(step.args.slice(plain?.args.length).join(' ')).toMatch(/seed=7/);
      expect(step.env).toMatchObject({ STINT_TEST_SEED: '7', STINT_SIMULATION_SEED: '7' });
    }
  });

  it('leaves out no part of the suite that runs tests', () => {
    const withTests = STEPS.filter(({ report }) => report !== undefined).map(({ part }) => part);
    expect(withTests).toEqual([...SHUFFLED_PARTS]);
  });

  it('adds a line for each time, which says how to repeat it, and writes one that goes on again', () => {
    const first = { date: '2026-11-29', seed: 5, tallies: { unit: tally(900) } };
    const begun = shuffledPage('', first);
    const whole = shuffledPage(begun, { ...first, tallies: { unit: tally(900), python: tally(500, 2) } });
    const later = shuffledPage(whole, { date: '2026-11-30', seed: 6, tallies: { 'end-to-end': tally(80) } });
    expect(lines(begun)).toEqual(['| 2026-11-29 | 5 | 900 | not run | not run |']);
    expect(lines(later)).toEqual([
      '| 2026-11-29 | 5 | 900 | 500, 2 failed | not run |',
      '| 2026-11-30 | 6 | not run | not run | 80 |',
    ]);
  });

  it('has a page that stands in the repository as it is written', () => {
    const page = readFileSync('docs/shuffled.md', 'utf8');
    const head = shuffledPage('', { date: '2026-01-01', seed: 0, tallies: {} }).replace(/^\| 2.*\n/m, '');
    expect(page.replaceAll(/^\| 2.*\n/gm, '')).toBe(head);
    for (const line of lines(page)) expect(line).toMatch(/^\| \d{4}-\d\d-\d\d \| \d+ \|( [^|]+ \|){3}$/);
  });
});
