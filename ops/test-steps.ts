import { GATES, type Gate } from './gates.ts';
import { type Tally, tallyJunit, tallyVitest } from './test-report.ts';

/** A gate, or a runner that leaves a report to be counted. */
export interface Step extends Gate {
  readonly part: string;
  /** It only computes, so that it may run beside what waits, at a lower priority. */
  readonly givesWay?: true;
  readonly report?: { readonly path: string; readonly tally: (text: string) => Tally };
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Absent: as long as any part of `npm test` may take. */
  readonly limitMinutes?: number;
}

/** Where runners leave their reports. */
export const REPORTS = '.cache/test';

/** The tests of a project; only those of `files`, where some are named. */
export const vitest = (project: string, part: string, name: string, files: readonly string[] = []): Step => ({
  part,
  name,
  command: process.execPath,
  args: [
    'node_modules/vitest/vitest.mjs',
    'run',
    `--project=${project}`,
    '--passWithNoTests=false',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORTS}/${part}.json`,
    ...files,
  ],
  report: { path: `${REPORTS}/${part}.json`, tally: tallyVitest },
});

export const STEPS: readonly Step[] = [
  ...Object.values(GATES).map((gate) => ({ ...gate, part: 'gates' })),
  vitest('unit', 'unit', 'tests (vitest)'),
  {
    part: 'python',
    givesWay: true,
    name: 'Python tests (pytest)',
    command: '.venv/bin/python',
    args: ['-m', 'pytest', '-q', '-rs', `--junitxml=${REPORTS}/python.xml`, 'trainer/tests'],
    report: { path: `${REPORTS}/python.xml`, tally: tallyJunit },
  },
  vitest('end-to-end', 'end-to-end', 'end-to-end tests (vitest)'),
];

/** Needs Go to be built, so it is no part of a newcomer's way unless it is built or wanted. */
export const CLUSTER: readonly Step[] = [
  {
    part: 'cluster',
    name: 'test cluster (go build)',
    command: process.execPath,
    args: ['ops/test-cluster/main.ts', 'build'],
  },
  vitest('cluster', 'cluster', 'tests on Kubernetes (vitest)'),
];
