import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EQUIVALENTS } from '../../ops/mutants/equivalents.ts';
import { type MutationReport, mutantsOf } from '../../ops/mutants/mutant.ts';
import { MUTATED_ROOMS } from '../../ops/mutants/rooms.ts';
import { isSampled } from '../../ops/mutants/sample.ts';
import { isGoodEnough, mutantsPage, percent, type RoomResult, scoreOf } from '../../ops/mutants/score.ts';

const FILE = 'orchestrator/run/a.ts';
const SOURCE =
  'const isLate = (at: number) =>\n  at >= limit ? late : early;\nconst b = () => {\n  go();\n};\n';
const mutant = (status: string, replacement: string, start: [number, number], end: [number, number]) => ({
  status,
  replacement,
  location: { start: { line: start[0], column: start[1] }, end: { line: end[0], column: end[1] } },
});
const REPORT: MutationReport = {
  files: {
    [FILE]: {
      source: SOURCE,
      mutants: [
        mutant('Survived', 'at > limit', [2, 3], [2, 14]),
        mutant('Killed', 'true', [2, 3], [2, 14]),
        mutant('Timeout', 'false', [2, 3], [2, 14]),
        mutant('NoCoverage', '{}', [3, 17], [5, 2]),
        mutant('RuntimeError', '() => undefined', [3, 11], [5, 2]),
        mutant('Ignored', '""', [1, 1], [1, 2]),
      ],
    },
  },
};
const result = (room: string, more: Partial<RoomResult> = {}): RoomResult => ({
  score: { room, noticed: 95, equivalent: 2, unnoticed: mutantsOf(REPORT).slice(0, 1), stale: [] },
  sample: { percent: 100, seed: 1 },
  seconds: 600,
  date: '2026-11-29',
  ...more,
});

describe('a report of mutants', () => {
  it('gives each as the line that it makes, and leaves out what no test was asked about', () => {
    expect(mutantsOf(REPORT)).toEqual([
      { file: FILE, line: 2, becomes: 'at > limit ? late : early;', isNoticed: false },
      { file: FILE, line: 2, becomes: 'true ? late : early;', isNoticed: true },
      { file: FILE, line: 2, becomes: 'false ? late : early;', isNoticed: true },
      { file: FILE, line: 3, becomes: 'const b = () => {};', isNoticed: false },
    ]);
  });
});

describe('a room’s score', () => {
  const [late] = mutantsOf(REPORT);
  if (late === undefined) throw new Error('the report has mutants');
  const listed = { file: FILE, becomes: late.becomes, why: 'limit is never met exactly' };

  it('counts what was noticed of what can be, and names the rest', () => {
    const score = scoreOf('run', mutantsOf(REPORT), [listed]);
    expect(score).toMatchObject({ noticed: 2, equivalent: 1, stale: [] });
    expect(score.unnoticed.map(({ line }) => line)).toEqual([3]);
    expect(percent(score)).toBe(66.6);
    expect(isGoodEnough(score)).toBe(false);
  });

  it('takes no mutant for equivalent that was noticed, is not there, or is another file’s', () => {
    const noticed = { ...listed, becomes: 'true ? late : early;' };
    const elsewhere = { ...listed, file: 'orchestrator/run/b.ts' };
    const score = scoreOf('run', mutantsOf(REPORT), [noticed, elsewhere]);
    expect(score).toMatchObject({ equivalent: 0, stale: [noticed, elsewhere] });
  });

  it('takes what a sample has not drawn for no stale line', () => {
    const elsewhere = { ...listed, file: 'orchestrator/run/b.ts' };
    expect(scoreOf('run', mutantsOf(REPORT), [listed, elsewhere], false).stale).toEqual([]);
    const noticed = { ...listed, becomes: 'true ? late : early;' };
    expect(scoreOf('run', mutantsOf(REPORT), [noticed], false).stale).toEqual([noticed]);
  });

  it('is good enough from 90% on, and never where nothing was mutated', () => {
    const of = (noticed: number, missed: number) => ({
      ...scoreOf('run', [], []),
      noticed,
      unnoticed: Array.from({ length: missed }, () => late),
    });
    expect(isGoodEnough(of(90, 10))).toBe(true);
    expect(isGoodEnough(of(899, 101))).toBe(false);
    expect(isGoodEnough(of(0, 0))).toBe(false);
  });
});

describe('a sample of mutants', () => {
  const candidates = Array.from({ length: 4_000 }, (_, line) => ({
    id: `${line}`,
    fileName: `${process.cwd()}/${FILE}`,
    replacement: 'false',
    location: { start: { line, column: 1 }, end: { line, column: 9 } },
  }));
  const drawn = (percentOf: number, seed: number) =>
    candidates.filter((each) => isSampled({ percent: percentOf, seed }, each)).map(({ id }) => id);

  it('is of the size that is asked for, the same for a seed, another for another, and part of every larger one', () => {
    const fifth = drawn(20, 1);
    // Five standard deviations of a draw of 800 in 4,000.
    expect(Math.abs(fifth.length - 800)).toBeLessThan(127);
    expect(drawn(20, 1)).toEqual(fifth);
    expect(drawn(20, 2)).not.toEqual(fifth);
    expect(drawn(50, 1)).toEqual(expect.arrayContaining(fifth));
    expect(drawn(100, 1)).toHaveLength(candidates.length);
  });

  it('does not hang on what else is asked, or on where the clone lies', () => {
    const [one] = candidates;
    if (one === undefined) throw new Error('there are candidates');
    for (let seed = 0; seed < 50; seed += 1)
      expect(isSampled({ percent: 50, seed }, { ...one, fileName: FILE, id: '9' })).toBe(
        isSampled({ percent: 50, seed }, one),
      );
  });
});

describe('the page of scores', () => {
  it('has a line a room as it was last run, and keeps the others', () => {
    const before = mutantsPage('', MUTATED_ROOMS, [
      result('run'),
      result('plan', { sample: { percent: 25, seed: 7 } }),
    ]);
    const later = mutantsPage(before, MUTATED_ROOMS, [result('run', { date: '2026-12-01' })]);
    expect(later.split('\n').slice(-3)).toEqual([
      '| plan | 25%, seed 7 | 95 | 1 | 2 | 98.9% | 2026-11-29 | 10 min |',
      '| run | all | 95 | 1 | 2 | 98.9% | 2026-12-01 | 10 min |',
      '',
    ]);
  });

  it('stands in the repository as it is written', () => {
    const page = readFileSync('docs/mutants.md', 'utf8');
    expect(mutantsPage(page, MUTATED_ROOMS, [])).toBe(page);
    const lines = page
      .split('\n')
      .filter((line) => MUTATED_ROOMS.some((room) => line.startsWith(`| ${room} |`)));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines)
      expect(line).toMatch(
        /^\| \w+ \| (all|\d+%, seed \d+) (\| \d+ ){3}\| [\d.]+% \| \d{4}-\d\d-\d\d \| \d+ (s|min) \|$/,
      );
  });
});

describe('the list of equivalents', () => {
  it('names files of mutated rooms, each mutant once, and says why', () => {
    const names = EQUIVALENTS.map(({ file, becomes }) => `${file}: ${becomes}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { file, why } of EQUIVALENTS) {
      expect(MUTATED_ROOMS.some((room) => file.startsWith(`orchestrator/${room}/`))).toBe(true);
      expect(() => readFileSync(file)).not.toThrow();
      expect(why.length).toBeGreaterThan(20);
    }
  });
});
