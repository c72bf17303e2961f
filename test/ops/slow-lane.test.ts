import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type LastResult, SLOW_LANE, slowLanePage, versionsOf } from '../../ops/slow-lane.ts';
import { STEPS } from '../../ops/test-steps.ts';

const PARTS = ['one', 'two'];
const result = (part: string, more: Partial<LastResult> = {}): LastResult => ({
  part,
  shows: `That ${part} holds.`,
  tally: { passed: 3, failed: 0, skipped: [] },
  seconds: 840,
  date: '2026-11-29',
  versions: 'torch 2.15.0',
  ...more,
});
const lines = (page: string) => page.split('\n').filter((line) => /^\| (one|two|gone) /.test(line));

describe('the page of the slow lane', () => {
  it('has a line for each part that was run, in the lane’s order', () => {
    expect(lines(slowLanePage('', PARTS, [result('two'), result('one', { seconds: 12 })]))).toEqual([
      '| one | That one holds. | 3 passed, 0 failed | 2026-11-29 | 12 s | torch 2.15.0 |',
      '| two | That two holds. | 3 passed, 0 failed | 2026-11-29 | 14 min | torch 2.15.0 |',
    ]);
  });

  it('keeps what an earlier run said of the parts that were not run now, and no part that is gone', () => {
    const before = slowLanePage('', ['one', 'two', 'gone'], [result('one'), result('two'), result('gone')]);
    const failed = result('two', { tally: { passed: 1, failed: 2, skipped: [] }, date: '2026-12-01' });
    const [first, second, ...others] = lines(slowLanePage(before, PARTS, [failed]));
    expect(first).toBe(lines(before)[0]);
    expect(second).toContain('| 1 passed, 2 failed | 2026-12-01 |');
    expect(others).toEqual([]);
  });

  it('stays as it is where nothing was run', () => {
    const before = slowLanePage('', PARTS, [result('one'), result('two')]);
    expect(slowLanePage(before, PARTS, [])).toBe(before);
  });

  it('stands in the repository as the lane writes it', () => {
    const page = readFileSync('docs/slow-lane.md', 'utf8');
    const parts = SLOW_LANE.map(({ step }) => step.part);
    expect(slowLanePage(page, parts, [])).toBe(page);
    for (const line of page
      .split('\n')
      .filter((each) => parts.some((part) => each.startsWith(`| ${part} |`))))
      expect(line).toMatch(/ \d+ passed, \d+ failed \| \d{4}-\d{2}-\d{2} \| \d+ (s|min) \| /);
  });
});

describe('the slow lane', () => {
  it('has no part of that name in `npm test`, and tests that are there', () => {
    const names = SLOW_LANE.map(({ step }) => step.part);
    expect(new Set([...names, ...STEPS.map(({ part }) => part)]).size).toBe(
      names.length + new Set(STEPS.map(({ part }) => part)).size,
    );
    const files = SLOW_LANE.flatMap(({ step }) =>
      step.args.filter((argument) => argument.startsWith('test/')),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('tells the versions on which a result rests, by the environment that has them', async () => {
    const [step] = STEPS;
    if (step === undefined) throw new Error('there are no steps');
    const part = { step, shows: '', packages: { '.venv': ['torch', 'numpy'] } };
    expect(await versionsOf(part)).toMatch(/^torch \d+\.\d+\.\d+\S*, numpy \d+\.\d+\.\d+$/);
    // A part that failed because its environment could not be made has a line, too.
    const without = { ...part, packages: { '.cache/nowhere': ['torch'] } };
    expect(await versionsOf(without)).toBe('nothing in .cache/nowhere');
    expect(await versionsOf({ step, shows: '', packages: {}, kubernetes: '1.31' })).toMatch(
      /^Kubernetes 1\.31\.\d+, JobSet 0\.10\.\d+, Kueue 0\.14\.\d+, Trainer 2\.1\.\d+$/,
    );
  });
});
