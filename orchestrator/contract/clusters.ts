import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { NamedCluster } from './submission.ts';

const Milliseconds = z.int().nonnegative().meta({ description: 'Device time in GPU-milliseconds.' });

const CheckSchema = z
  .strictObject({
    name: z.string().meta({ description: 'What was looked at.' }),
    level: z.enum(['ok', 'warning', 'problem']),
    what: z.string(),
    todo: z.string().optional().meta({ description: 'How to fix it.' }),
  })
  .meta({ id: 'Check' });

const examineCluster = {
  summary: 'Whether runs can work on a cluster, and how to fix what is in the way; changes nothing',
  input: z.strictObject({ cluster: NamedCluster }),
  answer: z
    .strictObject({
      cluster: z.string(),
      place: z.string().meta({ description: 'Where that is, for people.' }),
      ok: z.boolean().meta({ description: 'Nothing is in the way.' }),
      checks: z.array(CheckSchema),
    })
    .meta({ id: 'ExaminedCluster' }),
} as const satisfies Exchange;

const NodeSchema = z
  .strictObject({
    name: z.string(),
    state: z.string(),
    taints: z.array(z.string()),
    devices: z.number(),
    holders: z
      .array(z.strictObject({ run: z.string(), devices: z.number() }))
      .meta({ description: 'Largest first; `other` stands for whoever is not to be named.' }),
    free: z.number(),
    failures: z.int().meta({ description: 'Attempts of runs that failed by this machine.' }),
  })
  .meta({ id: 'Node' });
export type NodeRow = z.infer<typeof NodeSchema>;

const StraySchema = z
  .strictObject({
    name: z.string(),
    namespace: z.string(),
    node: z.string(),
    run: z.string(),
    team: z.string().optional(),
    project: z.string().optional(),
    devices: z.number(),
    terminating: z.boolean(),
    why: z.enum(['run of another store', 'run is at rest']),
  })
  .meta({ id: 'Stray' });
export type StrayRow = z.infer<typeof StraySchema>;

const listNodes = {
  summary: 'Device nodes of a cluster, who holds them, which failed runs, and pods without a run',
  input: z.strictObject({ cluster: NamedCluster }),
  answer: z
    .strictObject({
      cluster: z.string(),
      namespace: z.string(),
      device: z.string().meta({ description: 'The resource by which devices are counted.' }),
      nodes: z.array(NodeSchema),
      otherNodes: z.int().meta({ description: 'Nodes with the device that are none of the profile.' }),
      strays: z.array(StraySchema),
      seesAllPods: z.boolean(),
    })
    .meta({ id: 'Nodes' }),
} as const satisfies Exchange;

const LeftSchema = z
  .strictObject({
    owners: z.array(z.strictObject({ kind: z.string(), name: z.string() })),
    pods: z.array(
      z.strictObject({
        uid: z.string(),
        name: z.string(),
        node: z.string(),
        devices: z.number(),
        alive: z.boolean(),
        gpuMilliseconds: Milliseconds,
      }),
    ),
  })
  .meta({ id: 'Leftovers' });

/** Of a run that the store knows, its cluster is known. */
const released = z.strictObject({
  run: z.string().meta({ description: 'Its whole id.' }),
  cluster: NamedCluster.optional(),
});

const findLeftovers = {
  summary: 'What a cluster keeps of a run, and what would be lost if it were released',
  input: released,
  answer: z
    .strictObject({
      run: z.string(),
      cluster: z.string(),
      left: LeftSchema,
      settles: z.boolean().meta({ description: 'What its pods held would be recorded first.' }),
      lostGpuMilliseconds: Milliseconds.meta({
        description: 'Held, and in no ledger; where it does not settle.',
      }),
      graceSeconds: z.number().meta({ description: 'How long its pods have to end.' }),
    })
    .meta({ id: 'FoundLeftovers' }),
} as const satisfies Exchange;

const releaseRun = {
  summary:
    'In an emergency, take the objects of a run off its cluster; a run of this store is settled with it',
  input: released,
  answer: z
    .strictObject({
      run: z.string(),
      released: LeftSchema,
      lostGpuMilliseconds: Milliseconds.optional().meta({ description: 'Where nothing was settled.' }),
      gpuMilliseconds: Milliseconds.optional().meta({ description: 'Held in all, where it was settled.' }),
      doubtfulGpuMilliseconds: Milliseconds.optional(),
      warnings: z.array(z.string()),
    })
    .meta({ id: 'ReleasedRun' }),
} as const satisfies Exchange;

export const CLUSTER_VERBS = { examineCluster, listNodes, findLeftovers, releaseRun } as const;
