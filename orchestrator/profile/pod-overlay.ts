import { z } from 'zod';

const AbsolutePath = z.string().regex(/^\/[^:]*$/, 'expected an absolute path without ":"');
/** A name within the pod: a DNS label. */
const PartName = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected lower-case letters, digits and "-"');

const MountSchema = z.strictObject({
  name: PartName,
  mountPath: AbsolutePath,
  readOnly: z.boolean().default(true),
});

const HostVolumeSchema = z.strictObject({ name: PartName, hostPath: AbsolutePath });

/**
 * A container that starts before the trainer's. With `sidecar` it runs beside it and ends after it (a native sidecar,
 * Kubernetes 1.33); without, it has to succeed first.
 */
const InitContainerSchema = z.strictObject({
  name: PartName,
  image: z.string().min(1),
  command: z.array(z.string()).min(1).optional(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.string()).default({}),
  sidecar: z.boolean().default(false),
  /** Added to none, for example NET_ADMIN; with root as its user. */
  capabilities: z.array(z.string().regex(/^[A-Z_]+$/)).default([]),
  volumeMounts: z.array(MountSchema).default([]),
});
export type OverlayContainer = z.infer<typeof InitContainerSchema>;

/** What a cloud's fast network wants of the pods that hold devices, beside resources and environment. */
export const PodOverlaySchema = z.strictObject({
  annotations: z.record(z.string(), z.string()).default({}),
  /** Pods use the node's own network interfaces. */
  hostNetwork: z.boolean().default(false),
  /** Folders of the node: drivers, libraries, devices. */
  hostVolumes: z.array(HostVolumeSchema).default([]),
  /** Of the trainer's container. */
  volumeMounts: z.array(MountSchema).default([]),
  initContainers: z.array(InitContainerSchema).default([]),
});
export type PodOverlay = z.infer<typeof PodOverlaySchema>;

/** Why the Pod Security Standard `restricted` would refuse the pods; undefined if it would not. */
export function whyNotRestricted(overlay: PodOverlay): string | undefined {
  if (overlay.hostNetwork) return 'the node’s network';
  if (overlay.hostVolumes.length > 0) return 'folders of the node';
  const container = overlay.initContainers.find(({ capabilities }) => capabilities.length > 0);
  return container && `capabilities in the container "${container.name}"`;
}
