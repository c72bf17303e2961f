// Every check there is, one after the other, and one line at the end: `npm test [-- --only PART] [-- --with-cluster]`; with
// `--slow` what takes minutes instead.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endWithStarter } from '../bin/stand-in.mjs';
import { type LastResult, SLOW_LANE, slowLanePage, versionsOf } from './slow-lane.ts';
import { builtFolder } from './test-cluster/build.ts';
import { settle, summarize, type Tally } from './test-report.ts';
import { CLUSTER, REPORTS, STEPS, type Step } from './test-steps.ts';

const SLOW_PAGE = 'docs/slow-lane.md';

const STEP_LIMIT_MS = 45 * 60_000;

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

/** Runs parts of the slow lane and writes what became of each, also where a later one is interrupted. */
async function checkSlowly(isWanted: (step: Step) => boolean): Promise<readonly Tally[]> {
  const results: LastResult[] = [];
  for (const part of SLOW_LANE.filter(({ step }) => isWanted(step))) {
    const startedAt = performance.now();
    console.log(`begun  ${part.step.name}; it takes minutes`);
    const tally = await check(part.step);
    results.push({
      part: part.step.part,
      shows: part.shows,
      tally,
      seconds: (performance.now() - startedAt) / 1000,
      date: new Date().toISOString().slice(0, 10),
      versions: await versionsOf(part),
    });
    const before = existsSync(SLOW_PAGE) ? readFileSync(SLOW_PAGE, 'utf8') : '';
    const parts = SLOW_LANE.map(({ step }) => step.part);
    writeFileSync(SLOW_PAGE, slowLanePage(before, parts, results));
  }
  return results.map(({ tally }) => tally);
}

async function checkAll(isWanted: (step: Step) => boolean): Promise<readonly Tally[]> {
  const tallies: Tally[] = [];
  for (const step of STEPS.filter(isWanted)) tallies.push(await check(step));
  if (CLUSTER.some(isWanted)) for (const step of await clusterSteps()) tallies.push(await check(step));
  return tallies;
}

endWithStarter();
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    slow: { type: 'boolean', default: false },
    'with-cluster': { type: 'boolean', default: false },
  },
});
const wanted = ({ part }: Step): boolean => values.only === undefined || part === values.only;
const offered = values.slow ? SLOW_LANE.map(({ step }) => step) : [...STEPS, ...CLUSTER];
if (!offered.some(wanted)) {
  const names = [...new Set(offered.map(({ part }) => part))].join(', ');
  console.error(`error: there is no part "${values.only}"\n  to do: choose one of ${names}`);
  process.exit(2);
}
mkdirSync(REPORTS, { recursive: true });
const tallies = await (values.slow ? checkSlowly(wanted) : checkAll(wanted));
console.log(summarize(tallies));
process.exitCode = tallies.some(({ failed }) => failed > 0) ? 1 : 0;
