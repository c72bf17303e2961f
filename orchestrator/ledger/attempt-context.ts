import type { PodLife } from './pod-life.ts';
import type { AttemptContext } from './use.ts';

/** Phases in which an attempt gets somewhere. */
const PROGRESS: ReadonlySet<string> = new Set(['training', 'recomputing']);

/**
 * What each of a run's attempts came to. Key: `attemptKey` of its pods.
 *
 * @param lives - All pods of one run.
 */
export function attemptContexts(lives: readonly PodLife[]): ReadonlyMap<string, AttemptContext> {
  const contexts = new Map<string, AttemptContext>();
  for (const stage of Map.groupBy(lives, ({ bound }) => bound.stage).values()) {
    const last = Math.max(...stage.map(({ bound }) => bound.attempt));
    for (const [key, gang] of Map.groupBy(stage, attemptKey))
      contexts.set(key, contextOf(gang, gang[0]?.bound.attempt !== last));
  }
  return contexts;
}

export const attemptKey = ({ bound }: PodLife): string => `${bound.stage} ${bound.attempt}`;

function contextOf(gang: readonly PodLife[], goesOn: boolean): AttemptContext {
  const size = Math.max(gang.length, ...gang.map(({ bound }) => bound.gang ?? 0));
  const broken = gang.filter(({ failed, to, doubtUntil }) => failed || doubtUntil > to);
  return {
    completeAt:
      gang.length < size ? Number.POSITIVE_INFINITY : Math.max(...gang.map(({ startedAt }) => startedAt)),
    brokenAt: Math.min(...broken.map(({ to }) => to)),
    usefulUntil: usefulUntil(gang, goesOn),
  };
}

/** @param goesOn - A later attempt of the stage was made. */
function usefulUntil(gang: readonly PodLife[], goesOn: boolean): number {
  if (!gang.some(({ failed }) => failed)) return Number.POSITIVE_INFINITY;
  const progressed = gang.some(({ spans }) => spans.some(({ phase }) => PROGRESS.has(phase)));
  if (goesOn && progressed) return Number.POSITIVE_INFINITY;
  return Math.max(...gang.map(({ keptUntil }) => keptUntil));
}
