import { EXIT_CODE_OF_CLASS, type ExitClass, ExitClassSchema } from '../wire/termination.ts';
import { type PodFacts, podText } from './pod-facts.ts';
import type { FailureKind, Outcome } from './state.ts';

/** How an attempt ended, told from all of its pods. Each must have ended. */
export function classifyPods(pods: readonly PodFacts[]): Outcome {
  const failed = pods.filter((pod) => pod.phase !== 'succeeded');
  const root = failed.toSorted(
    (a, b) => blame(a) - blame(b) || (a.endedAt ?? 0) - (b.endedAt ?? 0) || wasKilled(b) - wasKilled(a),
  )[0];
  if (root === undefined) return { exitClass: 'succeeded', message: 'done' };
  const exitClass = exitClassOf(root);
  const message = messageOf(root);
  // A ring is as fast as its slowest part, whichever that is.
  if (exitClass === 'unfit') return { exitClass, message, nodes: [...new Set(pods.map(({ node }) => node))] };
  const isSuspect = exitClass === 'infrastructure' || root.phase === 'lost' || root.nodeFailed;
  return { exitClass, message, ...(isSuspect && { nodes: [root.node] }) };
}

/** Ends are known to the second: the one that was killed without a word is then the cause, whoever lost the connection to it says so. */
const wasKilled = ({ signal, termination }: PodFacts): number => Number(signal !== undefined && !termination);

/**
 * When one pod fails, its peers fail of it: they lose a connection or are told to end. So a pod that says what went
 * wrong comes before one that was only interrupted, and that before one which says nothing. A hung pod needs seconds to
 * collect evidence and to end its ranks; by then its peers have lost the connection to them. The end of a pod whose node
 * is gone is known last of all, and is why the others have ended.
 */
function blame(pod: PodFacts): number {
  const exitClass = exitClassOf(pod);
  if (pod.phase === 'lost' || pod.nodeFailed) return 2;
  // A defect has a stack to show; its peers only lost it.
  if (exitClass === 'unknown') return pod.termination ? 0 : 4;
  if (exitClass === 'hung' || exitClass === 'unfit') return 1;
  return isRetried(exitClass) ? 3 : 0;
}

/**
 * The termination message says it best; without one the exit code does. Without a word, SIGTERM is somebody's wish that it
 * end, and any other signal the machine's doing.
 */
export function exitClassOf(pod: PodFacts): ExitClass {
  if (pod.phase === 'succeeded') return 'succeeded';
  if (pod.phase === 'lost') return 'interrupted';
  if (pod.termination && pod.termination.exitClass !== 'succeeded') return pod.termination.exitClass;
  if (pod.signal === 'SIGTERM') return 'interrupted';
  if (pod.signal !== undefined || (pod.exitCode ?? 0) > 128) return 'infrastructure';
  const byCode = ExitClassSchema.options.find((name) => EXIT_CODE_OF_CLASS[name] === pod.exitCode);
  return byCode === undefined || byCode === 'succeeded' ? 'unknown' : byCode;
}

function messageOf(pod: PodFacts): string {
  if (pod.termination?.message) return pod.termination.message;
  if (pod.phase === 'lost') return `${podText(pod)} was lost: nobody saw how it ended`;
  const how = pod.signal ? `was ended by ${pod.signal}` : `exited with code ${pod.exitCode ?? '?'}`;
  return `${podText(pod)} ${how} and left no message; its log says more`;
}

const RETRIED: readonly ExitClass[] = ['infrastructure', 'interrupted', 'hung', 'unfit'];

/** Trying again can help: the machine failed, or somebody ended the pod, not the work itself. */
export const isRetried = (exitClass: ExitClass): boolean => RETRIED.includes(exitClass);

/** Who must act. */
export function failureKind(exitClass: ExitClass): FailureKind {
  switch (exitClass) {
    case 'usage':
    case 'configuration':
      return 'configuration';
    case 'data':
    case 'missing-input':
    case 'numerics':
    case 'out-of-memory':
      return 'user';
    case 'succeeded':
    case 'storage':
    case 'interrupted':
    case 'infrastructure':
    case 'hung':
    case 'unfit':
    case 'unknown':
      return 'infrastructure';
  }
}
