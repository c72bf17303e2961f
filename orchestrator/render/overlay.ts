import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { OverlayContainer, PodOverlay } from '../profile/pod-overlay.ts';
import { claimVolume } from '../profile/pod-template-parts.ts';
import { asVariables } from './environment.ts';

/** What the profile adds to a pod beside the template: its extra claims, and what the cloud's network wants. */
export function overlay({ backend }: ClusterProfile, withDevices: boolean) {
  const claims = backend.kind === 'kubernetes' ? backend.volumes : [];
  const pod = backend.kind === 'kubernetes' && withDevices ? backend.pod : undefined;
  const { hostVolumes = [], volumeMounts = [], initContainers = [], hostNetwork = false } = pod ?? {};
  return {
    volumes: [
      ...claims.map(({ claim }, index) => ({
        name: claimVolume(index),
        persistentVolumeClaim: { claimName: claim, readOnly: true },
      })),
      ...hostVolumes.map(({ name, hostPath }) => ({ name, hostPath: { path: hostPath } })),
    ],
    volumeMounts: [
      ...claims.map(({ mountPath }, index) => ({ name: claimVolume(index), mountPath, readOnly: true })),
      ...volumeMounts.map(mount),
    ],
    initContainers: initContainers.length === 0 ? undefined : initContainers.map(initContainer),
    hostNetwork: hostNetwork || undefined,
    // Without, a pod on the node's network would ask the node's own name server.
    dnsPolicy: hostNetwork ? 'ClusterFirstWithHostNet' : undefined,
  };
}

/** What is writable says nothing, as the API server writes it. */
const mount = ({ name, mountPath, readOnly }: PodOverlay['volumeMounts'][number]) => ({
  name,
  mountPath,
  ...(readOnly && { readOnly }),
});

const initContainer = ({
  name,
  image,
  command,
  args,
  env,
  sidecar,
  capabilities,
  volumeMounts,
}: OverlayContainer) => ({
  name,
  image,
  ...(command && { command }),
  args,
  env: asVariables(env),
  ...(sidecar && { restartPolicy: 'Always' }),
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'], ...(capabilities.length > 0 && { add: capabilities }) },
    // Added capabilities take effect only for root.
    ...(capabilities.length > 0 && { runAsNonRoot: false, runAsUser: 0 }),
  },
  volumeMounts: volumeMounts.map(mount),
});
