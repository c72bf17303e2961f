import { z } from 'zod';
import { DeadlinesSchema } from './deadlines.ts';
import {
  AbsolutePath,
  AnyText,
  DataKey,
  ImageReference,
  LabelKey,
  LabelledName,
  LabelName,
  LabelValue,
  ObjectName,
  VariableName,
} from './kubernetes-text.ts';
import { PodOverlaySchema, whyNotRestricted } from './pod-overlay.ts';

/** As in a pod's specification. */
const TolerationSchema = z
  .strictObject({
    key: LabelKey,
    operator: z.enum(['Exists', 'Equal']).default('Exists'),
    value: LabelValue.optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  })
  .refine(({ operator, value = '' }) => operator === 'Equal' || value === '', {
    path: ['value'],
    error: 'expected no value, because the operator Exists takes any; `operator: Equal` compares it',
  });

const QueueSchema = z.strictObject({
  /** Of the LocalQueue. */
  name: LabelledName,
  /** Of the WorkloadPriorityClass. */
  priorityClass: LabelledName.optional(),
  /** All pods of a stage within one domain of this level: a node label of the queue's Topology. */
  topology: z
    .strictObject({
      level: LabelKey,
      /** `required`: rather wait than be spread; `preferred`: rather be spread than wait. */
      demand: z.enum(['required', 'preferred']).default('required'),
    })
    .optional(),
});

const ImagesSchema = z
  .strictObject({
    trainer: ImageReference,
    /** A tag could change under a run; for a cluster whose images are made beside it. */
    allowTags: z.boolean().default(false),
  })
  .refine(({ trainer, allowTags }) => allowTags || isPinned(trainer), {
    path: ['trainer'],
    error: 'expected an image pinned by digest (…@sha256:…); allowTags: true takes a tag',
  });

export const KubernetesSchema = z
  .strictObject({
    kind: z.literal('kubernetes'),
    context: AnyText.min(1).optional(),
    namespace: LabelName,
    /** What carries a stage's pods: JobSet restarts a gang; an indexed Job needs no custom resource; TrainJob is Kubeflow's. */
    owner: z.enum(['jobset', 'job', 'trainjob']).default('jobset'),
    /** Claim of the shared volume that stages hand their files on. */
    volumeClaim: ObjectName,
    /** Where the machine that runs stint sees that volume; results are read there. */
    workFolder: AnyText.regex(/^\//, 'expected an absolute path').optional(),
    /** Of the claim; for a look at the cluster, nothing is made with it. */
    storageClass: ObjectName.optional(),
    nodeSelector: z.record(LabelKey, LabelValue).default({}),
    /** Of every stage's pods, beside the toleration of the device's own taint. */
    tolerations: z.array(TolerationSchema).default([]),
    serviceAccount: ObjectName.default('default'),
    queue: QueueSchema.optional(),
    /** A node takes one pod of a stage. Without, several may share one, as where there is only one. */
    onePodPerNode: z.boolean().default(true),
    /** More claims to mount, read-only: datasets, or packages that an image leaves out. */
    volumes: z.array(z.strictObject({ claim: ObjectName, mountPath: AbsolutePath })).default([]),
    /** Variables whose values stay in a Secret of the namespace: only its name and key are written anywhere. */
    secrets: z.array(z.strictObject({ env: VariableName, secret: ObjectName, key: DataKey })).default([]),
    /** Of the pods that hold devices. */
    pod: PodOverlaySchema.optional(),
    /** The strictest Pod Security Standard that the pods pass, which their namespace may enforce. */
    podSecurity: z.enum(['restricted', 'privileged']).default('restricted'),
    deadlines: DeadlinesSchema,
    /**
     * A node that does not answer, and whose pods should have ended by `deadlines.terminating`, is tainted as out of
     * service, which ends them. The taint says that the machine is off: where one may have lost only its network, its
     * processes would write beside those of the next attempt. So only where something turns lost machines off.
     */
    fenceLostNodes: z.boolean().default(false),
    /** The local backend runs the source tree and has no image. */
    images: ImagesSchema,
  })
  .superRefine(({ pod, podSecurity, images }, context) => {
    if (pod === undefined) return;
    const why = podSecurity === 'restricted' ? whyNotRestricted(pod) : undefined;
    if (why !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['podSecurity'],
        message: `expected privileged, because the pods use ${why}, which the restricted standard forbids`,
      });
    for (const [index, { image }] of pod.initContainers.entries())
      if (!images.allowTags && !isPinned(image))
        context.addIssue({
          code: 'custom',
          path: ['pod', 'initContainers', index, 'image'],
          message: 'expected an image pinned by digest (…@sha256:…); images.allowTags: true takes a tag',
        });
  });
export type KubernetesBackend = z.infer<typeof KubernetesSchema>;

const isPinned = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);
