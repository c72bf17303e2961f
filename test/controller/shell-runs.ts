import { join } from 'node:path';
import { localCluster } from '../../cluster/local/local-cluster.ts';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { keptLogs } from '../../orchestrator/documents/kept-logs.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { asFineTune } from '../../orchestrator/recipe/run-recipe.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { optionsFor } from '../cluster/local-cluster.ts';
import { layResults } from '../kubernetes/simulated/lay-results.ts';
import { listedPrice } from '../store/fixtures.ts';

export interface ShellWorkplace {
  readonly store: Store;
  /** A folder of this machine, in which everything of its runs is. */
  readonly home: string;
  readonly owner?: string;
  readonly isAlive?: Workplace['isAlive'];
  /** What a stage does in place of the trainer, for `sh -c`. */
  readonly script?: string;
  /** In place of the local cluster, something around it. */
  readonly around?: (cluster: Cluster) => Cluster;
}

/** A workplace whose stages are real processes of this machine that run a small script; what they would leave is laid there. */
export function shellWorkplace({
  store,
  home,
  owner = 'here/1',
  isAlive = () => true,
  script = 'exit 0',
  around = (it) => it,
}: ShellWorkplace): Workplace {
  const cluster = around(localCluster(optionsFor(join(home, 'local'))));
  const command = ['sh', '-c'];
  const stage = { command, args: [script] };
  // It has to name them: a value that fills no hole is a fault.
  const train = { command, args: [script, 'sh', '${nodes:string}', '${devicesPerNode:string}'] };
  const workFolder = ({ id }: Pick<RunRecord, 'id'>) => join(home, 'work', id);
  return {
    store,
    clusterFor: async () => cluster,
    loadTemplates: async () => {
      const templates = await loadTemplates();
      return { ...templates, stages: { prepare: stage, train, export: stage, evaluate: stage } };
    },
    workFolder,
    manifests: runManifests(workFolder),
    codeVersion: async () => 'test',
    log: { info: () => undefined, warn: () => undefined },
    keptLogs: keptLogs(join(home, 'logs')),
    priceOf: listedPrice,
    ...realClock,
    random: Math.random,
    owner,
    pid: process.pid,
    host: null,
    isAlive,
  };
}

/** Records the quickstart's two arms, without evaluations, and lays what their stages would leave. */
export async function recordArms(workplace: Workplace): Promise<readonly RunRecord[]> {
  const [loaded, profile] = await Promise.all([loadRecipe('recipes/quickstart.yaml'), loadProfile('laptop')]);
  const arms = loaded.arms.map((arm) => {
    const { evaluation: _, ...recipe } = arm.recipe;
    return { ...arm, recipe };
  });
  const plans = arms.map(({ recipe, recipeDigest }) => makePlan(recipe, recipeDigest, profile));
  const records = await recordRuns(workplace, { ...loaded, arms }, profile, plans);
  for (const record of records) layResults(workplace.workFolder(record), asFineTune(record.recipe));
  return records;
}
