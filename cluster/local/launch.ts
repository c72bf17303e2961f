import { join } from 'node:path';
import { podAddress } from '../../orchestrator/render/names.ts';
import { expandReferences } from './expand-references.ts';
import { type HostNames, toHost } from './host-names.ts';
import type { Container, ContainerVariable, LocalJob, Volume } from './job-manifest.ts';
import { configFolder, TEMPORARY, TERMINATION_LOG, volumeFolder } from './layout.ts';

/** All that a supervisor needs to run a pod's container as a process. */
export interface Launch {
  readonly uid: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** Set beside what every program of this machine is given; no secret of the user's shell is written down here. */
  readonly env: Readonly<Record<string, string>>;
  /** Made before the command starts. */
  readonly folders: readonly string[];
  readonly graceSeconds: number;
  /** From the pod's binding. */
  readonly deadlineSeconds?: number;
}

export interface Host {
  readonly root: string;
  readonly checkout: string;
  readonly pythonBin: string;
  /** PATH of this machine. */
  readonly path: string;
  /** Takes the place of a rendezvous port 0. */
  readonly freePort: number;
}

/** Every process of a pod carries it, so that strays are found whatever group or session they moved to. */
export const podMarker = (uid: string): readonly [string, string] => ['STINT_POD_UID', uid];

/**
 * What the kubelet would start for the pod of this index, in terms of this machine: the working directory is the
 * checkout, a mounted volume is a folder, a pod's DNS name is the loopback address.
 */
export function planLaunch(job: LocalJob, index: number, uid: string, folder: string, host: Host): Launch {
  const { spec } = job.spec.template;
  const [container] = spec.containers;
  const name = `${job.metadata.name}-${index}`;
  const mounts = mountedFolders(container, spec.volumes, folder, host.root);
  const names: HostNames = new Map([
    [container.workingDir, host.checkout],
    [container.terminationMessagePath, join(folder, TERMINATION_LOG)],
    ...mounts,
    ...Array.from(
      { length: job.spec.completions },
      (_, peer) => [podAddress('job', job.metadata.name, peer), '127.0.0.1'] as const,
    ),
  ]);
  const translate = (text: string, variables: ReadonlyMap<string, string>): string =>
    expandReferences(toHost(text, names), variables);
  const variables = new Map<string, string>();
  // In order, because a variable may refer to those before it.
  for (const variable of container.env)
    variables.set(
      variable.name,
      translate(valueOf(variable, { name, index, freePort: host.freePort }), variables),
    );
  const [program = '', ...args] = [...container.command, ...container.args].map((text) =>
    translate(text, variables),
  );
  const { activeDeadlineSeconds } = job.spec;
  const temporary = join(folder, TEMPORARY, 'tmp');
  return {
    uid,
    command: [program, ...args],
    cwd: host.checkout,
    env: {
      PATH: `${host.pythonBin}:${host.path}`,
      // As a container has its own /tmp, which goes with it: torchrun leaves folders there.
      TMPDIR: temporary,
      ...Object.fromEntries(variables),
      ...Object.fromEntries([podMarker(uid)]),
    },
    folders: [temporary, ...mounts.map(([, path]) => path)],
    graceSeconds: spec.terminationGracePeriodSeconds,
    ...(activeDeadlineSeconds === undefined ? {} : { deadlineSeconds: activeDeadlineSeconds }),
  };
}

function valueOf(
  variable: ContainerVariable,
  pod: { readonly name: string; readonly index: number; readonly freePort: number },
): string {
  if ('valueFrom' in variable)
    return variable.valueFrom.fieldRef.fieldPath === 'metadata.name' ? pod.name : String(pod.index);
  return variable.name === 'MASTER_PORT' && variable.value === '0' ? String(pod.freePort) : variable.value;
}

function mountedFolders(
  { volumeMounts }: Container,
  volumes: readonly Volume[],
  folder: string,
  root: string,
): readonly (readonly [string, string])[] {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]));
  return volumeMounts.flatMap(({ name, mountPath, subPath }) => {
    const volume = byName.get(name);
    return volume ? [[mountPath, hostFolder(volume, subPath, folder, root)] as const] : [];
  });
}

function hostFolder(volume: Volume, subPath: string, folder: string, root: string): string {
  if ('persistentVolumeClaim' in volume)
    return volumeFolder(root, volume.persistentVolumeClaim.claimName, subPath);
  if ('configMap' in volume) return join(configFolder(root, volume.configMap.name), subPath);
  return join(folder, TEMPORARY, volume.name, subPath);
}
