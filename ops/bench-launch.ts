// What `stint serve` adds to what Kubernetes takes by itself: `npm run bench:launch [-- RUNS TIMES]`, 200 runs of two pods each
// and three times by default, on the test cluster (`npm run cluster -- up`). Both are asked for the same objects, in turns, and
// measured until every training pod runs; most of the half hour goes into removing them. The last line is JSON:
// [{name, value, goal, unit, ok}].
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { loadRecipe } from '../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../orchestrator/documents/load-templates.ts';
import { makePlan } from '../orchestrator/plan/make-plan.ts';
import { ClusterProfileSchema } from '../orchestrator/profile/cluster-profile.ts';
import { renderStage } from '../orchestrator/render/render-stage.ts';
import { newRunId } from '../orchestrator/store/run-id.ts';
import { NO_INPUTS } from '../orchestrator/wire/inputs.ts';
import { kubectl } from '../test/kubernetes/kubectl.ts';
import { layResults } from '../test/kubernetes/simulated/lay-results.ts';
import { IN, NAMESPACE, prepareNamespace, removeRun } from '../test/kubernetes/simulated/simulated-runs.ts';
import { submissionOf } from '../test/operations/submission-of.ts';
import { announced } from './announced.ts';
import { benchNodes } from './bench-nodes.ts';
import { benchProfile } from './bench-profile.ts';
import { inLanes } from './in-lanes.ts';
import { printMeasures } from './print-measures.ts';
import { allRun, status } from './test-cluster/cluster.ts';
import { KUBECONFIG, workOf } from './test-cluster/layout.ts';

const STINT = fileURLToPath(new URL('../bin/stint.mjs', import.meta.url));
const PODS_OF_RUN = 2;
/** As many people launch at once. */
const AT_ONCE = 8;
const LOOK_EVERY_MS = 250;
const GOAL = 1.1;

if (!allRun(status().controlPlane)) {
  console.error('error: the test cluster is not up\n  to do: npm run cluster -- up');
  process.exit(2);
}
const [runs = 200, times = 3] = process.argv.slice(2).map(Number);
const { file, arms } = await loadRecipe(
  fileURLToPath(new URL('../recipes/quickstart.yaml', import.meta.url)),
);
const arm = arms.at(-1);
if (arm === undefined) throw new Error('the quickstart has no arm');
const { evaluation: _, ...recipe } = arm.recipe;
const asFile = benchProfile(workOf(NAMESPACE));
const profile = ClusterProfileSchema.parse(asFile);
const templates = await loadTemplates();
const plan = makePlan(recipe, arm.recipeDigest, profile);

const restore = await prepareNamespace();
const nodes = benchNodes(NAMESPACE, runs * PODS_OF_RUN);
await kubectl(['apply', '--server-side', '--filename=-'], nodes);
const seconds: Record<'kubectl' | 'serve', number[]> = { kubectl: [], serve: [] };
try {
  for (let time = 0; time < times; time += 1) {
    for (const [way, launched] of [
      ['kubectl', () => untilAllRun(createThem)],
      ['serve', served],
    ] as const) {
      const took = await launched();
      console.log(`${way} ${took.toFixed(1)} s`);
      seconds[way].push(took);
      await removeRun();
    }
  }
} finally {
  await removeRun();
  await kubectl(['delete', '--filename=-', '--ignore-not-found'], nodes);
  await restore();
}
const value = Number((median(seconds.serve) / median(seconds.kubectl)).toPrecision(3));
const name = `${runs} runs launched through stint serve against kubectl create, until all pods run`;
printMeasures([{ name, value, goal: GOAL, unit: '×', ok: value <= GOAL }]);

/** Seconds from the first request until every training pod runs. */
async function untilAllRun(ask: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  const asked = ask();
  const running = ['get', 'pods', IN, '--selector=stint.dev/stage=train', '--output=name'];
  const selected = [...running, '--field-selector=status.phase=Running'];
  for (;;) {
    const pods = (await kubectl(selected)).split('\n').filter(Boolean).length;
    if (pods === runs * PODS_OF_RUN) break;
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
  }
  const took = (performance.now() - begun) / 1_000;
  await asked;
  return took;
}

/** All that a run makes until it trains, of every run, in one command. */
async function createThem(): Promise<void> {
  const items = Array.from({ length: runs }, () => {
    const run = newRunId(Date.now(), Math.random);
    const of = { run, recipe, recipeDigest: arm?.recipeDigest ?? '', profile, plan, inputs: NO_INPUTS };
    return (['prepare', 'train'] as const).flatMap((stage) =>
      renderStage(templates, { ...of, stage, attempt: 1, reachedStep: 0, avoidNodes: [] }),
    );
  }).flat();
  // A run's configuration is the same for each of its stages.
  const unique = new Map(items.map((item) => [`${item.kind}/${item.metadata.name}`, item]));
  const list = { apiVersion: 'v1', kind: 'List', items: [...unique.values()] };
  await kubectl(['create', '--filename=-', '--output=name'], JSON.stringify(list));
}

/** The same asked of a server that nobody has used before. */
async function served(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), 'stint-bench-'));
  const line = ['--home', home, 'serve', '--listen', '127.0.0.1:0', '--json'];
  const server = execa(process.execPath, [STINT, ...line], {
    reject: false,
    stdin: 'ignore',
    env: { KUBECONFIG },
  });
  try {
    const { url, token } = await announced(server.stdout);
    return await untilAllRun(() => launchThem(url, token));
  } finally {
    server.kill('SIGKILL');
    await server;
    rmSync(home, { recursive: true, force: true });
  }
}

async function launchThem(url: string, token: string): Promise<void> {
  const own = { file, recipe, arms: [{ ...arm, recipe }] } as unknown as Parameters<typeof submissionOf>[0];
  const body = JSON.stringify(submissionOf(own, asFile));
  await inLanes(AT_ONCE, runs, () => launch(url, token, body));
}

async function launch(url: string, token: string, body: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
  };
  const response = await fetch(new URL('/api/v1/runs', url), { method: 'POST', body, headers });
  const said = (await response.json()) as { readonly runs?: readonly { readonly id: string }[] };
  if (said.runs === undefined) throw new Error(JSON.stringify(said));
  // A simulated pod writes nothing: what prepare would leave is laid there for it.
  for (const { id } of said.runs) layResults(join(workOf(NAMESPACE), 'runs', id), recipe);
}

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] ?? Number.NaN;
}
