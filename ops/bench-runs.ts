// What many runs cost whoever lists or launches them: `npm run bench:runs [-- RUNS MORE_RUNS]`. Ratios and goals are what to
// compare; seconds vary by machine. The last line is JSON: [{name, value, goal, unit, ok}].
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { recordRuns } from '../orchestrator/controller/record-runs.ts';
import { runManifests } from '../orchestrator/controller/run-manifests.ts';
import { loadProfile } from '../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../orchestrator/documents/load-templates.ts';
import { makePlan } from '../orchestrator/plan/make-plan.ts';
import type { Store } from '../orchestrator/ports/store.ts';
import { renderStage } from '../orchestrator/render/render-stage.ts';
import type { RunEvent } from '../orchestrator/run/event.ts';
import { openStore } from '../orchestrator/store/open-store.ts';
import { NO_INPUTS } from '../orchestrator/wire/inputs.ts';
import { announced } from './announced.ts';
import { benchedAt, benchedId, benchedRuns, START } from './benched-runs.ts';
import { inLanes } from './in-lanes.ts';
import { type Measure, printMeasures } from './print-measures.ts';

interface Measured extends Omit<Measure, 'ok'> {
  /** Whether more is better. */
  readonly atLeast?: true;
}

const STINT = fileURLToPath(new URL('../bin/stint.mjs', import.meta.url));
const EVENTS_OF_RUN = 24;
const LAUNCHES = 500;
const AT_ONCE = 8;
const TEAM = 'bench';
/** As `GET /api/v1/runs` gives them. */
const PAGE = 100;

/** On its standard error, when a process ends. */
const TELL_PEAK = 'process.on("exit", () => console.error(process.resourceUsage().maxRSS))';

const HISTORY: readonly RunEvent[] = [
  { type: 'stage-launched', stage: 'train', attempt: 1 },
  ...Array.from(
    { length: EVENTS_OF_RUN - 3 },
    (_, index): RunEvent => ({ type: 'warned', message: `no ${index}` }),
  ),
  { type: 'succeeded' },
  { type: 'released' },
];

const [few = 12_500, many = 100_000] = process.argv.slice(2).map(Number);
const home = mkdtempSync(join(tmpdir(), 'stint-bench-'));
const measures: Measured[] = [];
try {
  const asked = await launchable();
  const file = join(home, 'stint.db');
  const store = await openStore(file);
  measures.push({
    name: 'runs admitted, rendered and recorded',
    value: await launchesPerSecond(asked, join(home, 'launched.db')),
    goal: 200,
    unit: 'runs/s',
    atLeast: true,
  });
  await fill(store, asked, 0, few);
  measures.push({
    name: `p95 of a page of ${few} runs`,
    value: await pageMs(store, few),
    goal: 20,
    unit: 'ms',
  });
  const [node, help, ls] = await medians([
    ['-e', '0'],
    [STINT, '--help'],
    [STINT, '--home', home, 'runs', 'ls'],
  ]);
  measures.push(
    { name: 'stint --help above bare Node', value: help - node, goal: 60, unit: 'ms' },
    { name: `stint runs ls of ${few} runs against stint --help`, value: ls / help, goal: 1.3, unit: '×' },
  );
  await fill(store, asked, few, many);
  measures.push({
    name: `p95 of a page of ${many} runs`,
    value: await pageMs(store, many),
    goal: 50,
    unit: 'ms',
  });
  await store.close();
  measures.push({
    name: `peak memory of a server that lists ${many} runs`,
    value: await serverPeakMegabytes(home),
    goal: 300,
    unit: 'MB',
  });
} finally {
  rmSync(home, { recursive: true, force: true });
}
printMeasures(
  measures.map(({ atLeast, ...measure }) => ({
    ...measure,
    value: Number(measure.value.toPrecision(3)),
    ok: atLeast ? measure.value >= measure.goal : measure.value <= measure.goal,
  })),
);

async function launchable() {
  const [{ arms, ...rest }, profile, templates] = await Promise.all([
    loadRecipe(fileURLToPath(new URL('../recipes/s1-32b.yaml', import.meta.url))),
    loadProfile('h100-16'),
    loadTemplates(),
  ]);
  // A budget covers them all, as a team's does.
  const owned = arms.map((arm) => ({ ...arm, recipe: { ...arm.recipe, team: TEAM } }));
  const loaded = { ...rest, arms: owned };
  const plans = owned.map(({ recipe, recipeDigest }) => makePlan(recipe, recipeDigest, profile));
  return { loaded, profile, templates, plans };
}
type Launchable = Awaited<ReturnType<typeof launchable>>;

/** Each run by itself, as many people launch them at once: judged against budgets, recorded, and its first stage rendered. */
async function launchesPerSecond(
  { loaded, profile, templates, plans }: Launchable,
  file: string,
): Promise<number> {
  const store = await openStore(file);
  await store.budgets.apply([{ name: 'all', team: TEAM, period: 'total', gpuHours: 1e9 }], START);
  const workplace = {
    store,
    now: Date.now,
    isAlive: () => true,
    priceOf: () => null,
    random: Math.random,
    host: 'bench',
    manifests: runManifests(({ id }) => join(dirname(file), 'runs', id)),
  };
  const begun = performance.now();
  await inLanes(AT_ONCE, LAUNCHES, launch);
  const seconds = (performance.now() - begun) / 1_000;
  await store.close();
  return LAUNCHES / seconds;

  async function launch(): Promise<void> {
    const [record] = await recordRuns(workplace, loaded, profile, plans);
    if (record === undefined) throw new Error('the recipe is a FineTune');
    renderStage(templates, {
      ...record,
      run: record.id,
      inputs: NO_INPUTS,
      stage: 'train',
      attempt: 1,
      reachedStep: 0,
      avoidNodes: [],
    });
    await store.runs.append(record.id, 0, Date.now(), [
      { type: 'stage-launched', stage: 'train', attempt: 1 },
    ]);
  }
}

async function fill(
  store: Store,
  { loaded, profile, plans }: Launchable,
  from: number,
  to: number,
): Promise<void> {
  const [arm, plan] = [loaded.arms[0], plans[0]];
  if (arm === undefined || plan === undefined) throw new Error('the recipe is a FineTune');
  for (const { runs } of benchedRuns({ arm, plan, profile }, from, to)) {
    await store.runs.create(runs);
    for (const { id } of runs) await store.runs.append(id, 0, START, HISTORY);
  }
}

/** Of pages from everywhere in the list. */
async function pageMs(store: Store, runs: number): Promise<number> {
  const times: number[] = [];
  for (let page = 0; page < 200; page += 1) {
    const number = Math.floor((runs * (page + 1)) / 200);
    const after = { id: benchedId(number), createdAt: benchedAt(number) };
    const begun = performance.now();
    await store.runs.summaries({ after, limit: PAGE });
    times.push(performance.now() - begun);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;
}

/** Of each command line from start to end, taken in turns so that noise meets all alike; milliseconds. */
async function medians<const Lines extends readonly (readonly string[])[]>(
  lines: Lines,
): Promise<{ readonly [Line in keyof Lines]: number }> {
  const times = lines.map((): number[] => []);
  for (let turn = 0; turn < 11; turn += 1)
    for (const [index, line] of lines.entries()) {
      const begun = performance.now();
      await execa(process.execPath, line, { stdin: 'ignore' });
      times[index]?.push(performance.now() - begun);
    }
  return times.map((of) => of.toSorted((a, b) => a - b)[5]) as never;
}

/** Of `stint serve`, when every run was listed and every cost summed up by its client. */
async function serverPeakMegabytes(folder: string): Promise<number> {
  const line = ['--home', folder, 'serve', '--listen', '127.0.0.1:0', '--json'];
  const imported = ['--import', `data:text/javascript,${TELL_PEAK}`];
  const server = execa(process.execPath, [...imported, STINT, ...line], { reject: false, stdin: 'ignore' });
  const { url, token } = await announced(server.stdout);
  const env = { STINT_SERVER: url, STINT_TOKEN: token };
  for (const asked of [
    ['runs', 'ls', '--all'],
    ['cost', '--by', 'team'],
  ])
    await execa(process.execPath, [STINT, ...asked], { stdin: 'ignore', stdout: 'ignore', env });
  server.kill('SIGTERM');
  const { stderr } = await server;
  return Number(stderr.trim().split('\n').at(-1)) / 1024;
}
