import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { KubernetesBackend } from '../profile/kubernetes-backend.ts';

/** What carries a stage's pods. */
export type Owner = KubernetesBackend['owner'];

/** The local backend runs the indexed Job. */
export const ownerOf = ({ backend }: ClusterProfile): Owner =>
  backend.kind === 'local' ? 'job' : backend.owner;

/** Trainer finds the container that a TrainJob describes by this name and no other. */
export const mainContainerName = (owner: Owner): string => (owner === 'trainjob' ? 'node' : 'trainer');
