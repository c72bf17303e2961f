import { z } from 'zod';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { ANNOTATION, COMPLETION_INDEX, LABEL } from '../../orchestrator/render/keys.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';

const INDEX_FIELD = `metadata.annotations['${COMPLETION_INDEX}']`;

const EnvironmentVariableSchema = z.union([
  z.strictObject({ name: z.string().min(1), value: z.string().default('') }),
  z.strictObject({
    name: z.string().min(1),
    valueFrom: z.strictObject({ fieldRef: z.object({ fieldPath: z.enum([INDEX_FIELD, 'metadata.name']) }) }),
  }),
]);
export type ContainerVariable = z.infer<typeof EnvironmentVariableSchema>;

const VolumeSchema = z.union([
  z.strictObject({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string().min(1) }) }),
  z.strictObject({ name: z.string(), configMap: z.object({ name: z.string().min(1) }) }),
  z.strictObject({ name: z.string(), emptyDir: z.looseObject({}) }),
]);
export type Volume = z.infer<typeof VolumeSchema>;

const ContainerSchema = z.object({
  name: z.string(),
  workingDir: z.string().startsWith('/'),
  command: z.array(z.string()).min(1),
  args: z.array(z.string()).default([]),
  env: z.array(EnvironmentVariableSchema).default([]),
  terminationMessagePath: z.string().startsWith('/').default('/dev/termination-log'),
  volumeMounts: z
    .array(
      z.object({ name: z.string(), mountPath: z.string().startsWith('/'), subPath: z.string().default('') }),
    )
    .default([]),
});
export type Container = z.infer<typeof ContainerSchema>;

const whole = z.string().regex(/^\d+$/).transform(Number);

/**
 * The part of an Indexed Job that a process can honour: what runs, where its files are, when it ends. What only a
 * container runtime can do (image, users, resource limits, scheduling) is left to Kubernetes; a kind of volume or of
 * variable that this backend cannot supply is refused rather than left out.
 */
const LocalJobSchema = z.object({
  metadata: z.object({ name: z.string().regex(/^[a-z0-9][-a-z0-9]*$/) }),
  spec: z.object({
    completionMode: z.literal('Indexed'),
    completions: z.int().positive(),
    activeDeadlineSeconds: z.int().positive().optional(),
    backoffLimit: z.literal(0),
    template: z.object({
      metadata: z.object({
        labels: z.object({
          [LABEL.run]: z.string().regex(/^[a-z0-9][-a-z0-9]*$/),
          [LABEL.stage]: StageSchema,
          [LABEL.attempt]: whole,
        }),
        annotations: z.object({ [ANNOTATION.deviceModel]: z.string(), [ANNOTATION.devices]: whole }),
      }),
      spec: z.object({
        restartPolicy: z.literal('Never'),
        subdomain: z.string(),
        terminationGracePeriodSeconds: z.int().nonnegative(),
        initContainers: z.never({ error: 'init containers have no local form' }).optional(),
        containers: z.tuple([ContainerSchema]),
        volumes: z.array(VolumeSchema).default([]),
      }),
    }),
  }),
});
export type LocalJob = z.infer<typeof LocalJobSchema>;

/** @throws StintError `not-runnable-here` with the path of each field that this backend cannot honour. */
export function localJob(manifest: Manifest): LocalJob {
  const parsed = LocalJobSchema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  throw new StintError(
    parsed.error.issues.map((issue) => ({
      code: 'not-runnable-here',
      where: `${manifest.kind} ${manifest.metadata.name}: ${issue.path.join('.')}`,
      what: `the local backend cannot run this job: ${issue.message}`,
      todo: 'run it on a Kubernetes cluster, or change the job template',
    })),
  );
}
