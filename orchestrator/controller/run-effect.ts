import { isStintError, type Problem } from '../errors/stint-error.ts';
import type { Plan } from '../plan/plan.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { RunDecision } from '../render/job-spec.ts';
import { jobName } from '../render/names.ts';
import { renderStage } from '../render/render-stage.ts';
import { podCount } from '../render/request.ts';
import type { Templates } from '../render/templates.ts';
import { affordable, nodesToAvoid } from '../run/avoid.ts';
import type { Effect } from '../run/effect.ts';
import type { RunEvent } from '../run/event.ts';
import type { Run } from '../run/state.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { CollectedStage } from '../wire/stage-traits.ts';
import { troubleKind } from './retry-policy.ts';

export interface EffectContext {
  readonly decision: RunDecision;
  readonly templates: Templates;
  readonly cluster: Cluster;
  readonly run: () => Promise<Run>;
  /** As it was judged last. */
  readonly plan: () => Promise<Pick<Plan, 'duration' | 'memory'>>;
  /** Highest optimizer step that any earlier attempt reported. */
  readonly reachedStep: () => Promise<number>;
  /** Ends when the job is seen. */
  readonly appeared: (job: string) => Promise<void>;
  /** Takes over what a stage left, and gives the events that say so. */
  readonly collect: (stage: CollectedStage) => Promise<readonly RunEvent[]>;
  /** Called before pods are asked to end. */
  readonly onStop: () => Promise<void>;
  /** Told what an operator has to know at once. */
  readonly onWarning: (message: string) => void;
  /** Called before the cluster forgets these pods, and their logs with them. */
  readonly onRelease: (pods: readonly string[]) => Promise<unknown>;
  /** Called right before an order to the cluster; throws where this process may give none any more. */
  readonly onOrder: () => Promise<void>;
  /** Aborted when there is no time left to wait for pods to save. */
  readonly force: AbortSignal;
}

/** What stands still saves nothing: its pods get this long to say where they stand. */
const CONDEMNED_GRACE_SECONDS = 30;

/** Does one effect and gives the events that follow from it. What cannot be done for good ends the run and says why. */
export async function runEffect(effect: Effect, context: EffectContext): Promise<readonly RunEvent[]> {
  const { decision, cluster, templates } = context;
  const { signal } = new AbortController();
  switch (effect.do) {
    case 'launch': {
      const { stage, attempt } = effect;
      return endingRun(stage, async () => {
        const reachedStep = await context.reachedStep();
        const avoidNodes = await nodesAvoided(stage, context);
        const judged = await context.plan();
        const request = { ...decision, stage, attempt, reachedStep, avoidNodes, judged };
        await context.onOrder();
        await cluster.apply(renderStage(templates, request), { signal });
        await context.appeared(jobName(decision.run, stage, attempt));
        return [];
      });
    }
    case 'stop': {
      await context.onStop();
      const job = jobName(decision.run, effect.stage, effect.attempt);
      const told = new Set<string>();
      const onWarning = (message: string) => {
        if (!told.has(message)) context.onWarning(message);
        told.add(message);
      };
      const grace = await graceFor(context);
      await context.onOrder();
      await cluster.stop(job, { signal, onWarning, ...grace });
      return [...told].map((message) => ({ type: 'warned', message }));
    }
    case 'collect':
      return endingRun(effect.stage, () => context.collect(effect.stage));
    case 'release':
      await context.onRelease(effect.pods);
      await context.onOrder();
      await cluster.release(effect, { signal });
      return [];
    case 'clear':
      await context.onOrder();
      await cluster.clear(decision.run, { signal });
      return [{ type: 'released' }];
  }
}

async function nodesAvoided(
  stage: Stage,
  { run, cluster, decision: { profile } }: EffectContext,
): Promise<readonly string[]> {
  const avoid = nodesToAvoid(await run());
  if (avoid.length === 0) return avoid;
  const usable = await cluster.usableNodes({ signal: new AbortController().signal });
  return affordable(avoid, usable, podCount({ stage, profile }));
}

async function graceFor({
  force,
  run,
  decision,
}: EffectContext): Promise<{ readonly graceSeconds?: number }> {
  if (force.aborted) return { graceSeconds: 0 };
  const { state } = await run();
  return state.kind === 'stopping' && state.why === 'trouble'
    ? { graceSeconds: Math.min(CONDEMNED_GRACE_SECONDS, decision.profile.grace) }
    : {};
}

/** An expected error becomes the run's end; an unexpected one is thrown on, and the effect is tried again. */
async function endingRun(
  stage: Stage,
  act: () => Promise<readonly RunEvent[]>,
): Promise<readonly RunEvent[]> {
  try {
    return await act();
  } catch (error) {
    if (!isStintError(error) || troubleKind(error) === 'passes') throw error;
    const failure =
      error.kind === 'unavailable' || error.kind === 'failed' ? 'infrastructure' : 'configuration';
    return [
      { type: 'failed', stage, failure, exitClass: 'configuration', message: inOneLine(error.problems) },
    ];
  }
}

const inOneLine = (problems: readonly Problem[]): string =>
  problems.map(({ what, where, todo }) => `${what}${where ? ` (${where})` : ''}; ${todo}`).join('. ');
