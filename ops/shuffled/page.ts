import type { Tally } from '../test-report.ts';
import { SHUFFLED_PARTS, type ShuffledPart } from './shuffled-step.ts';

/** One time through some parts, in one order and with one seed. */
export interface Repetition {
  /** `2026-11-29`, UTC. */
  readonly date: string;
  readonly seed: number;
  readonly tallies: Readonly<Partial<Record<ShuffledPart, Tally>>>;
}

const HEAD = `# The suite in another order, with other seeds

\`npm test -- --slow --only shuffled\` runs the suite ten times, each time with its files and tests in another order and with a
fresh seed for its properties, mutations and simulations; \`node ops/shuffled.ts --times 3 unit python\` runs parts of it.
\`node ops/shuffled.ts --times 1 --seed SEED PART\` repeats what a line says. It adds its lines to this page: tests that passed,
and where some failed, how many.

| on | seed | ${SHUFFLED_PARTS.join(' | ')} |
| --- | ---: | ${SHUFFLED_PARTS.map(() => '---').join(' | ')} |
`;

/** The page with one more line; a repetition that was on its way has the line of its seed and day again. */
export function shuffledPage(before: string, repetition: Repetition): string {
  const fresh = lineOf(repetition);
  const place = beginOf(repetition);
  const kept = before.split('\n').filter((line) => line.startsWith('| 2') && !line.startsWith(place));
  return `${HEAD}${[...kept, fresh].map((line) => `${line}\n`).join('')}`;
}

const beginOf = ({ date, seed }: Repetition): string => `| ${date} | ${seed} |`;

const lineOf = (repetition: Repetition): string => {
  const cells = SHUFFLED_PARTS.map((part) => cellOf(repetition.tallies[part]));
  return `${beginOf(repetition)} ${cells.join(' | ')} |`;
};

const cellOf = (tally: Tally | undefined): string => {
  if (tally === undefined) return 'not run';
  return tally.failed === 0 ? `${tally.passed}` : `${tally.passed}, ${tally.failed} failed`;
};
