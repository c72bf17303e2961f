import { z } from 'zod';

const Time = z.string().transform((text) => Date.parse(text));

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
      conditions: z
        .array(
          z.object({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(''),
            message: z.string().default(''),
            lastTransitionTime: Time.nullish(),
          }),
        )
        .default([]),
      containerStatuses: z.array(ContainerStatusSchema).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof PodSchema>;
export type ContainerStatus = Pod['status']['containerStatuses'][number];

/** The container whose end is the pod's: the others serve it. */
const MAIN_CONTAINER = 'trainer';

export const mainContainer = ({ status: { containerStatuses } }: Pod): ContainerStatus | undefined =>
  containerStatuses.find(({ name }) => name === MAIN_CONTAINER) ?? containerStatuses[0];

export const condition = ({ status }: Pod, type: string) =>
  status.conditions.find((each) => each.type === type && each.status === 'True');

/** No process of it is alive, and none will be: kubelet reports a phase of these only when all containers are dead. */
export const hasEnded = ({ status: { phase } }: Pod): boolean => phase === 'Succeeded' || phase === 'Failed';
