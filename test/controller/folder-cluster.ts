import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import type { JobFacts, Observation } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';

const POLL_MILLISECONDS = 50;
/** When training has ended, by which its pods have. */
const FINISHED = 'finished';
const ORDERS = 'orders.log';

interface Kept {
  readonly name: string;
  readonly run: string;
  readonly stage: JobFacts['stage'];
  readonly launch: number;
  readonly at: number;
  readonly endedAt?: number;
}

export interface Order {
  readonly at: number;
  readonly by: string;
  readonly act: string;
}

/** What processes have ordered, in order. */
export const ordersIn = (folder: string): readonly Order[] =>
  existsSync(join(folder, ORDERS))
    ? readFileSync(join(folder, ORDERS), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Order)
    : [];

/** Ends the training of every run there is. */
export const finishTraining = (folder: string): void =>
  writeFileSync(join(folder, FINISHED), String(Date.now()));

/**
 * A cluster that is a folder, so that several processes share it and it outlives each of them: a file a job. Stages without
 * training end at once; training ends when `finishTraining` says so. Every order is written down with whoever gave it.
 */
export function folderCluster(folder: string, owner: string): Cluster {
  mkdirSync(folder, { recursive: true });
  const fileOf = (job: string) => join(folder, `${job}.json`);
  const order = (act: string) =>
    appendFileSync(join(folder, ORDERS), `${JSON.stringify({ at: Date.now(), by: owner, act })}\n`);

  async function apply(manifests: readonly Manifest[]): Promise<void> {
    const made = manifests.find(({ metadata }) => metadata.labels?.[LABEL.stage] !== undefined);
    if (made === undefined) throw new Error('no manifest makes pods');
    const { name, labels = {} } = made.metadata;
    order(`apply ${name}`);
    if (existsSync(fileOf(name))) return;
    const stage = StageSchema.parse(labels[LABEL.stage]);
    const at = Date.now();
    const launch = Number(labels[LABEL.attempt]);
    const kept: Kept = { name, run: labels[LABEL.run] ?? '', stage, launch, at };
    const whole = stage === 'train' ? kept : { ...kept, endedAt: at + 1 };
    writeFileSync(fileOf(name), JSON.stringify(whole));
  }

  function look(run: string): Observation {
    const finished = existsSync(join(folder, FINISHED))
      ? Number(readFileSync(join(folder, FINISHED), 'utf8'))
      : undefined;
    const kept = readdirSync(folder)
      .filter((file) => file.startsWith(`${run}-`) && file.endsWith('.json'))
      .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept);
    return {
      jobs: kept.map((job) => jobFacts(job, endOf(job, finished))),
      pods: kept.map((job) => podFacts(job, endOf(job, finished))),
    };
  }

  async function* watch(run: string, { signal }: { readonly signal: AbortSignal }) {
    for (let shown = ''; !signal.aborted; await pause(POLL_MILLISECONDS)) {
      const seen = look(run);
      const text = JSON.stringify(seen);
      if (text !== shown) yield seen;
      shown = text;
    }
  }

  return {
    outlives: true,
    queues: true,
    apply,
    runs: async () => {
      const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
      const kept = files.map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Kept);
      return [...new Set(kept.map(({ run }) => run))].toSorted();
    },
    watch,
    logs: async function* () {},
    stop: async (job) => {
      order(`stop ${job}`);
      const kept = JSON.parse(readFileSync(fileOf(job), 'utf8')) as Kept;
      writeFileSync(fileOf(job), JSON.stringify({ ...kept, endedAt: Date.now() }));
    },
    fence: async () => undefined,
    release: async ({ job, whole }) => {
      order(`release ${job}`);
      if (whole) rmSync(fileOf(job), { force: true });
    },
    clear: async (run) => order(`clear ${run}`),
    usableNodes: async () => null,
  };
}

const endOf = ({ stage, at, endedAt }: Kept, finished: number | undefined): number | undefined =>
  endedAt ?? (stage === 'train' && finished !== undefined ? Math.max(at + 1, finished) : undefined);

function jobFacts({ name, run, stage, launch, at }: Kept, endedAt: number | undefined): JobFacts {
  const state = endedAt === undefined ? 'active' : 'succeeded';
  const told = { reason: '', message: '', pending: [], retained: true };
  return { name, run, stage, launch, size: 1, state, since: endedAt ?? at, ...told };
}

function podFacts({ name, run, stage, launch, at }: Kept, endedAt: number | undefined): PodFacts {
  return {
    uid: `${name}-0`,
    name: `${name}-0`,
    job: name,
    run,
    stage,
    launch,
    attempt: launch,
    index: 0,
    node: 'node-0',
    deviceModel: 'H100',
    devices: stage === 'train' || stage === 'evaluate' ? 8 : 0,
    phase: endedAt === undefined ? 'running' : 'succeeded',
    createdAt: at,
    boundAt: at,
    startedAt: at,
    ...(endedAt !== undefined && { endedAt, exitCode: 0 }),
    retained: true,
  };
}
