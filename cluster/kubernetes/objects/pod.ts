import { z } from 'zod';
import { readOnce } from '../api/read-once.ts';
import { ConditionSchema, Time } from './condition.ts';

const TerminatedSchema = z.object({
  exitCode: z.int(),
  reason: z.string().default(''),
  message: z.string().default(''),
  startedAt: Time.nullish(),
  finishedAt: Time.nullish(),
});

const ContainerStatusSchema = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: z.string().default(''), message: z.string().default('') }).optional(),
      running: z.object({ startedAt: Time.nullish() }).optional(),
      terminated: TerminatedSchema.optional(),
    })
    .default({}),
});

/** The part of a Pod that is read here, from the API server's raw JSON. Times become milliseconds since the epoch. */
export const PodSchema = z.object({
  metadata: z.object({
    uid: z.string(),
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    finalizers: z.array(z.string()).default([]),
    creationTimestamp: Time,
    deletionTimestamp: Time.optional(),
    deletionGracePeriodSeconds: z.number().default(0),
  }),
  spec: z.object({
    nodeName: z.string().default(''),
    containers: z.array(
      z.object({
        name: z.string(),
        resources: z
          .object({
            requests: z.record(z.string(), z.string()).default({}),
            limits: z.record(z.string(), z.string()).default({}),
          })
          .default({ requests: {}, limits: {} }),
      }),
    ),
  }),
  status: z
    .object({
      phase: z.string().default('Pending'),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: z.array(ConditionSchema).default([]),
      containerStatuses: z.array(ContainerStatusSchema).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof PodSchema>;
export const podOf = readOnce((object) => PodSchema.parse(object));
export type ContainerStatus = Pod['status']['containerStatuses'][number];

/** The container whose end is the pod's: the others serve it. Kubeflow Trainer insists on the second name. */
const MAIN_CONTAINERS = ['trainer', 'node'];

export const mainContainer = ({ status: { containerStatuses } }: Pod): ContainerStatus | undefined =>
  containerStatuses.find(({ name }) => MAIN_CONTAINERS.includes(name)) ?? containerStatuses[0];

export const condition = ({ status }: Pod, type: string) =>
  status.conditions.find((each) => each.type === type && each.status === 'True');

/** No process of it is alive, and none will be: kubelet reports a phase of these only when all containers are dead. */
export const hasEnded = ({ status: { phase } }: Pod): boolean => phase === 'Succeeded' || phase === 'Failed';
