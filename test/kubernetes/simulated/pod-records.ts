import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtFolder } from '../../../ops/test-cluster/build.ts';
import { KUBECONFIG } from '../../../ops/test-cluster/layout.ts';

/** A pod as the API server tells it. Only what its held time follows from is named. */
export interface PodRecord {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
    }[];
  };
  readonly status: {
    readonly phase?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly state: { readonly terminated?: { readonly finishedAt: string } };
    }[];
  };
}

export interface PodRecords {
  /**
   * Of each pod of the run that was ever seen, the last state of its record, and before it each that told of another end: KWOK
   * ends a pod a second time when it is deleted in the moment of its end, which no kubelet does.
   */
  readonly of: (run: string) => readonly (readonly [...PodRecord[], PodRecord])[];
  readonly stop: () => void;
}

const AGAIN_AFTER_MS = 200;

/** Writes down every state of every pod of a namespace, through kubectl: nothing of it is the adapter's. */
export async function recordPods(namespace: string): Promise<PodRecords> {
  const bin = (await builtFolder()) ?? '';
  const last = new Map<string, readonly [...PodRecord[], PodRecord]>();
  let stopped = false;
  let child: ReturnType<typeof spawn> | undefined;
  // The server sends all that is there first, so a watch that broke misses nothing that a finalizer keeps just then. What is
  // let go in that moment it would miss, so it lasts for as long as any test.
  const path = `/api/v1/namespaces/${namespace}/pods?watch=true&timeoutSeconds=86400`;
  const watch = (): void => {
    if (stopped) return;
    child = spawn(join(bin, 'kubectl'), ['get', '--raw', path], {
      env: { KUBECONFIG },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (child.stdout === null) throw new Error('kubectl has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: PodRecord };
      if (type === 'ERROR') return;
      const { uid } = object.metadata;
      const before = (last.get(uid) ?? []).filter(
        (each) => endOf(each) !== '' && endOf(each) !== endOf(object),
      );
      last.set(uid, [...before, object]);
    });
    child.on('close', () => setTimeout(watch, AGAIN_AFTER_MS));
  };
  watch();
  return {
    of: (run) =>
      [...last.values()].filter((states) => states.at(-1)?.metadata.labels?.['stint.dev/run'] === run),
    stop: () => {
      stopped = true;
      child?.kill();
    },
  };
}

const endOf = ({ status }: PodRecord): string =>
  (status.containerStatuses ?? []).map(({ state }) => state.terminated?.finishedAt ?? '').join('');

export interface HeldRecord {
  readonly pod: string;
  readonly devices: number;
  readonly from: number;
  readonly to: number;
  readonly gpuMilliseconds: number;
}

/**
 * What a pod held by its record alone: from the second of its binding to the second in which its last container ended.
 * Where the API server declared a pod of a dead node ended, no container ever said so: it is held until the last thing
 * that its record tells. Undefined where it never had a node.
 */
export function heldByRecord({ metadata, spec, status }: PodRecord): HeldRecord | undefined {
  const bound = status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'True');
  if (bound === undefined || spec.nodeName === undefined) return undefined;
  const from = Date.parse(bound.lastTransitionTime);
  const ends = (status.containerStatuses ?? []).flatMap(({ state }) =>
    state.terminated ? [Date.parse(state.terminated.finishedAt)] : [],
  );
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  // Taken away without grace by whoever declared it dead.
  const taken = deletionTimestamp !== undefined && !deletionGracePeriodSeconds ? [deletionTimestamp] : [];
  const told = [
    ...(status.conditions ?? []).map(({ lastTransitionTime }) => lastTransitionTime),
    ...taken,
  ].map((time) => Date.parse(time));
  const to = Math.max(from, ...(ends.length > 0 ? ends : told));
  const devices = spec.containers.reduce(
    (sum, { resources }) => sum + Number(resources?.requests?.['nvidia.com/gpu'] ?? 0),
    0,
  );
  return { pod: metadata.uid, devices, from, to, gpuMilliseconds: devices * (to - from) };
}
