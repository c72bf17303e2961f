// Every check there is, one after the other, and one line at the end: `npm test [-- --only PART] [-- --with-cluster]`; with
// `--slow` what takes minutes instead.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { endWithStarter } from '../bin/stand-in.mjs';
import { check } from './run-step.ts';
import { type LastResult, SLOW_LANE, slowLanePage, versionsOf } from './slow-lane.ts';
import { builtFolder } from './test-cluster/build.ts';
import { summarize, type Tally } from './test-report.ts';
import { CLUSTER, REPORTS, STEPS, type Step } from './test-steps.ts';

const SLOW_PAGE = 'docs/slow-lane.md';

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

async function inTurn(steps: readonly Step[]): Promise<readonly Tally[]> {
  const tallies: Tally[] = [];
  for (const step of steps) tallies.push(await check(step));
  return tallies;
}

/** Tests on a cluster mostly wait, for grace periods and leases: what only computes fills that time, and gives way to them. */
async function checkAll(isWanted: (step: Step) => boolean): Promise<readonly Tally[]> {
  const steps = STEPS.filter(isWanted);
  const onCluster = CLUSTER.some(isWanted) ? await clusterSteps() : [];
  const beside = onCluster.length > 0 ? steps.filter(({ givesWay }) => givesWay) : [];
  const first = await inTurn(steps.filter((step) => !beside.includes(step)));
  const last = await Promise.all([inTurn(beside), inTurn(onCluster)]);
  return [...first, ...last.flat()];
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
