import type { Run } from '../../orchestrator/run/state.ts';
import type { FaultKind } from './faults.ts';

/** Where a run may come to rest for want of what a fault took; by the fault, as far as it can. */
const ENDS: Readonly<Partial<Record<FaultKind, readonly string[]>>> = {
  'exit 1: a bug': ['failed: unknown'],
  'exit 64: bad flags': ['failed: usage'],
  'exit 65: bad data': ['failed: data'],
  'out of memory (137)': ['failed: out-of-memory'],
  'deactivated by hand': ['stopped'],
  'job deleted by hand': ['stopped'],
  'ran for too long': ['failed: interrupted'],
  'image not to be had': ['failed: configuration'],
  'order: refused for good': ['failed: configuration'],
  'results broken': ['failed: configuration', 'failed: unknown'],
  'cancelled by a person': ['stopped'],
  'released by a person': ['stopped'],
  // That its own controller had put an end to its job is lost with it: somebody has, so it is not started again by itself.
  'store lost': ['stopped'],
  'exit 82: below the floor': ['failed: unfit'],
};

/** Without a fault that ends a run, it succeeds; unless there were so many others that it was tried too often. */
export function expectedEnds(run: Run, injected: readonly FaultKind[]): readonly string[] {
  const special = injected.flatMap((kind) => ENDS[kind] ?? []);
  const isSpent =
    run.state.kind === 'failed' &&
    /after \d+ retr|nothing starts again by itself|ReachedMaxRestarts|maximum number of restarts/.test(
      run.state.message,
    );
  const spent = isSpent && run.state.kind === 'failed' ? [`failed: ${run.state.exitClass}`] : [];
  return ['succeeded', ...special, ...spent];
}
