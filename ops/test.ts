// Every check there is, one after the other, and one line at the end: `npm test [-- --only PART] [-- --with-cluster]`.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endWithStarter } from '../bin/stand-in.mjs';
import { GATES, type Gate } from './gates.ts';
import { builtFolder } from './test-cluster/build.ts';
import { settle, summarize, type Tally, tallyJunit, tallyVitest } from './test-report.ts';

/** A gate, or a runner that leaves a report to be counted. */
interface Step extends Gate {
  readonly part: string;
  readonly report?: { readonly path: string; readonly tally: (text: string) => Tally };
}

const REPORTS = '.cache/test';
const STEP_LIMIT_MS = 45 * 60_000;

const vitest = (part: string, name: string): Step => ({
  part,
  name,
  command: process.execPath,
  args: [
    'node_modules/vitest/vitest.mjs',
    'run',
    `--project=${part}`,
    '--passWithNoTests=false',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORTS}/${part}.json`,
  ],
  report: { path: `${REPORTS}/${part}.json`, tally: tallyVitest },
});

const STEPS: readonly Step[] = [
  ...Object.values(GATES).map((gate) => ({ ...gate, part: 'gates' })),
  vitest('unit', 'tests (vitest)'),
  {
    part: 'python',
    name: 'Python tests (pytest)',
    command: '.venv/bin/python',
    args: ['-m', 'pytest', '-q', '-rs', `--junitxml=${REPORTS}/python.xml`, 'trainer/tests'],
    report: { path: `${REPORTS}/python.xml`, tally: tallyJunit },
  },
  vitest('end-to-end', 'end-to-end tests (vitest)'),
];
/** Needs Go to be built, so it is no part of a newcomer's way unless it is built or wanted. */
const CLUSTER: readonly Step[] = [
  {
    part: 'cluster',
    name: 'test cluster (go build)',
    command: process.execPath,
    args: ['ops/test-cluster/main.ts', 'build'],
  },
  vitest('cluster', 'tests on Kubernetes (vitest)'),
];

interface Ending {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a step to its end. Tools are found beside this Node, so that each of them runs under it, too. */
function run({ command, args }: Step): Promise<Ending> {
  const path = [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path },
    timeout: STEP_LIMIT_MS,
  });
  const stop = () => {
    child.kill('SIGTERM');
    process.exit(143);
  };
  process.once('SIGTERM', stop);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((done) => {
    child.on('error', (error) => output.push(Buffer.from(`${command}: ${error.message}\n`)));
    child.on('close', (status) => {
      process.off('SIGTERM', stop);
      done({ status, output: Buffer.concat(output).toString() });
    });
  });
}

async function check(step: Step): Promise<Tally> {
  const startedAt = performance.now();
  if (step.report) rmSync(step.report.path, { force: true });
  const { status, output } = await run(step);
  const tally = settle(step.report ? readReport(step.report) : passOrFail(status), status);
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(8);
  const counts = step.report ? `  ${summarize([tally])}` : '';
  console.log(`${tally.failed === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(28)}${seconds}${counts}`);
  for (const name of tally.skipped) console.log(`       skipped: ${name}`);
  if (tally.failed > 0) console.log(output.trimEnd());
  return tally;
}

const passOrFail = (status: number | null): Tally => ({
  passed: status === 0 ? 1 : 0,
  failed: status === 0 ? 0 : 1,
  skipped: [],
});

function readReport({ path, tally }: NonNullable<Step['report']>): Tally | undefined {
  return existsSync(path) ? tally(readFileSync(path, 'utf8')) : undefined;
}

async function clusterSteps(): Promise<readonly Step[]> {
  if (values['with-cluster'] || (await builtFolder()) !== undefined) return CLUSTER;
  console.log(
    'skipped: tests on Kubernetes; `npm run cluster -- build` builds the test cluster (Go, minutes once)',
  );
  return [];
}

endWithStarter();
const { values } = parseArgs({
  options: { only: { type: 'string' }, 'with-cluster': { type: 'boolean', default: false } },
});
const wanted = ({ part }: Step): boolean => values.only === undefined || part === values.only;
if (![...STEPS, ...CLUSTER].some(wanted)) {
  const names = [...new Set([...STEPS, ...CLUSTER].map(({ part }) => part))].join(', ');
  console.error(`error: there is no part "${values.only}"\n  to do: choose one of ${names}`);
  process.exit(2);
}
mkdirSync(REPORTS, { recursive: true });
const tallies: Tally[] = [];
for (const step of STEPS.filter(wanted)) tallies.push(await check(step));
if (CLUSTER.some(wanted)) for (const step of await clusterSteps()) tallies.push(await check(step));
console.log(summarize(tallies));
process.exitCode = tallies.some(({ failed }) => failed > 0) ? 1 : 0;
