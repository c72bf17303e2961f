import { keptTable, tookText } from '../kept-table.ts';
import type { Mutant } from './mutant.ts';
import type { Sample } from './sample.ts';

/** A mutant that no test can notice: nothing that the room promises differs. */
export interface Equivalent extends Pick<Mutant, 'file' | 'becomes'> {
  readonly why: string;
}

export interface Score {
  readonly room: string;
  readonly noticed: number;
  readonly equivalent: number;
  readonly unnoticed: readonly Mutant[];
  /** Of the list, what was noticed after all or is not there any more. */
  readonly stale: readonly Equivalent[];
}

/** Per cent of a room's mutants that its tests have to notice. */
const GOAL = 90;

export function scoreOf(
  room: string,
  mutants: readonly Mutant[],
  equivalents: readonly Equivalent[],
  isWhole = true,
): Score {
  const missed = mutants.filter(({ isNoticed }) => !isNoticed);
  const is = (mutant: Mutant, { file, becomes }: Equivalent) =>
    mutant.file === file && mutant.becomes === becomes;
  const unnoticed = missed.filter((mutant) => !equivalents.some((each) => is(mutant, each)));
  return {
    room,
    noticed: mutants.length - missed.length,
    equivalent: missed.length - unnoticed.length,
    unnoticed,
    // Of a sample, what was not drawn may be there all the same.
    stale: equivalents
      .filter((each) => isWhole || mutants.some((mutant) => is(mutant, each)))
      .filter((each) => !missed.some((mutant) => is(mutant, each))),
  };
}

/** Per cent of the mutants that can be noticed, rounded down. */
export function percent({ noticed, unnoticed }: Score): number {
  const all = noticed + unnoticed.length;
  return all === 0 ? 0 : Math.floor((1000 * noticed) / all) / 10;
}

export const isGoodEnough = (score: Score): boolean => percent(score) >= GOAL;

const HEAD = `# Faults made on purpose

\`npm test -- --slow --only mutants\`, or \`node ops/mutants.ts ROOM…\`, lets StrykerJS make faults in a room of the domain, one at a
time (an operator, a condition, a text, a call), and asks the room's own tests (\`test/ROOM\`), at a fixed seed, whether they
notice. A room is to score ${GOAL}% or more. Faults that no test can notice are listed with their reasons in
\`ops/mutants/equivalents.ts\` and do not count. It writes this page, a line a room as it was last run; what was not noticed is
printed, and kept in \`.cache/test/mutants-ROOM.txt\`. A large room may be asked of a sample of its mutants, drawn by a seed
(\`--percent 30 --seed 1\`), as the second column says.

| room | of | noticed | not noticed | equivalent | score | on | took |
| --- | --- | --- | --- | --- | --- | --- | --- |
`;

export interface RoomResult {
  readonly score: Score;
  readonly sample: Sample;
  readonly seconds: number;
  /** `2026-11-29`, UTC. */
  readonly date: string;
}

export const mutantsPage = (
  before: string,
  rooms: readonly string[],
  results: readonly RoomResult[],
): string =>
  keptTable(HEAD, before, rooms, new Map(results.map((result) => [result.score.room, lineOf(result)])));

function lineOf({ score, sample, seconds, date }: RoomResult): string {
  const { room, noticed, unnoticed, equivalent } = score;
  return `| ${[room, sampleText(sample), noticed, unnoticed.length, equivalent, `${percent(score).toFixed(1)}%`, date, tookText(seconds)].join(' | ')} |`;
}

const sampleText = ({ percent: share, seed }: Sample): string =>
  share === 100 ? 'all' : `${share}%, seed ${seed}`;
