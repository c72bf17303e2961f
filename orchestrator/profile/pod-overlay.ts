import { z } from 'zod';
import {
  AbsolutePath,
  AnyText,
  Capability,
  ImageReference,
  LabelKey,
  LabelName,
  VariableName,
} from './kubernetes-text.ts';

const MountSchema = z.strictObject({
  name: LabelName,
  mountPath: AbsolutePath,
  readOnly: z.boolean().default(true),
});

const HostVolumeSchema = z.strictObject({ name: LabelName, hostPath: AbsolutePath });

/**
 * A container that starts before the trainer's. With `sidecar` it runs beside it and ends after it (a native sidecar,
 * Kubernetes 1.33); without, it has to succeed first.
 */
const InitContainerSchema = z.strictObject({
  name: LabelName,
  image: ImageReference,
  command: z.array(AnyText).min(1).optional(),
  args: z.array(AnyText).default([]),
  env: z.record(VariableName, AnyText).default({}),
  sidecar: z.boolean().default(false),
  /** Added to none, for example NET_ADMIN; with root as its user. */
  capabilities: z.array(Capability).default([]),
  volumeMounts: z.array(MountSchema).default([]),
});
export type OverlayContainer = z.infer<typeof InitContainerSchema>;

/** What a cloud's fast network wants of the pods that hold devices, beside resources and environment. */
export const PodOverlaySchema = z.strictObject({
  annotations: z.record(LabelKey, AnyText).default({}),
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
