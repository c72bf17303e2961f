import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { takesDevices } from '../run/stages.ts';
import { isGang } from '../wire/stage-traits.ts';
import { affinity } from './affinity.ts';
import { containerEnvironment, type EnvironmentVariable } from './environment.ts';
import { fillTemplate } from './fill-template.ts';
import { ANNOTATION, FINALIZER } from './keys.ts';
import { stageLabels } from './labels.ts';
import { configName, jobName, LOCAL_VOLUME_CLAIM, podAddress, workSubPath } from './names.ts';
import { overlay } from './overlay.ts';
import { mainContainerName, type Owner, ownerOf } from './owner.ts';
import { topologyAnnotations } from './queue.ts';
import type { StageRequest } from './request.ts';
import { byteQuantity, type Resources, stageResources } from './resources.ts';
import type { Templates } from './templates.ts';

/** The part of a pod template that this room looks into. */
export interface PodTemplate {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly finalizers: readonly string[];
  };
  readonly spec: {
    readonly nodeSelector?: unknown;
    readonly affinity?: unknown;
    readonly tolerations: unknown;
    readonly volumes: unknown;
    readonly containers: readonly [MainContainer];
    readonly [field: string]: unknown;
  };
}

interface MainContainer {
  readonly name: string;
  readonly image?: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly EnvironmentVariable[];
  readonly resources: Resources;
  readonly volumeMounts: unknown;
  readonly [field: string]: unknown;
}

/** Where torchrun listens unless the profile says otherwise: PyTorch's own default. */
const RENDEZVOUS_PORT = 29_500;
/** On the local backend: any free port, as everywhere in POSIX. */
const ANY_FREE_PORT = 0;
/** A cluster that packs its nodes would otherwise move a pod that trains. */
const NOT_MOVED = { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' };

/** The pod of a stage, whatever object carries it. */
export function renderPod(templates: Templates, request: StageRequest): PodTemplate {
  const { profile } = request;
  const owner = ownerOf(profile);
  return fillTemplate(templates.pod, {
    ...profileValues(profile, owner, takesDevices(request)),
    ...stageCommand(templates, request),
    ...stageResources(request),
    ...stageValues(request, owner),
  }) as PodTemplate;
}

/** A TrainJob's pod as far as the profile decides it; what a stage decides is there, but says nothing. */
export function renderProfilePod(
  templates: Templates,
  profile: ClusterProfile,
  withDevices: boolean,
): PodTemplate {
  return fillTemplate(templates.pod, {
    ...profileValues(profile, 'trainjob', withDevices),
    labels: {},
    annotations: {},
    nodeSelector: undefined,
    affinity: undefined,
    subdomain: undefined,
    command: [],
    args: [],
    requests: {},
    limits: {},
    run: '',
    stage: '',
    attempt: '',
    reachedStep: '',
    masterAddress: '',
    workSubPath: '',
    config: '',
  }) as PodTemplate;
}

function profileValues(profile: ClusterProfile, owner: Owner, withDevices: boolean) {
  const { backend } = profile;
  const { serviceAccount, volumeClaim, tolerations } =
    backend.kind === 'kubernetes'
      ? backend
      : { serviceAccount: 'default', volumeClaim: LOCAL_VOLUME_CLAIM, tolerations: [] };
  return {
    serviceAccount,
    volumeClaim,
    tolerations: [...(withDevices ? deviceTolerations(profile) : []), ...tolerations],
    image: backend.kind === 'kubernetes' ? backend.images.trainer : undefined,
    container: mainContainerName(owner),
    finalizers: [FINALIZER],
    graceSeconds: Math.ceil(profile.grace),
    masterPort: String(rendezvousPort(profile)),
    env: containerEnvironment(profile, withDevices),
    sharedMemory: byteQuantity(profile.node.sharedMemory),
    ...overlay(profile, withDevices),
  };
}

function stageValues(request: StageRequest, owner: Owner) {
  const { run, stage, attempt, reachedStep, profile } = request;
  const { backend } = profile;
  const job = jobName(run, stage, attempt);
  return {
    labels: stageLabels(request),
    annotations: podAnnotations(request),
    nodeSelector: backend.kind === 'kubernetes' && takesDevices(request) ? backend.nodeSelector : undefined,
    affinity: affinity(request),
    // A JobSet sets it, to its own name.
    subdomain: owner === 'job' ? job : undefined,
    run,
    stage,
    attempt: String(attempt),
    reachedStep: String(reachedStep),
    masterAddress: podAddress(owner, job, 0),
    workSubPath: workSubPath(run),
    config: configName(run),
  };
}

function podAnnotations(request: StageRequest): Readonly<Record<string, string>> {
  const { profile, recipeDigest } = request;
  const withDevices = takesDevices(request);
  const cloud = profile.backend.kind === 'kubernetes' && withDevices ? profile.backend.pod : undefined;
  return {
    ...cloud?.annotations,
    ...NOT_MOVED,
    ...topologyAnnotations(request),
    [ANNOTATION.recipeDigest]: recipeDigest,
    [ANNOTATION.deviceModel]: profile.device.model,
    [ANNOTATION.devices]: String(withDevices ? profile.devicesPerNode : 0),
  };
}

function stageCommand(templates: Templates, { stage, profile }: StageRequest) {
  const world = isGang(stage)
    ? { nodes: String(profile.nodes), devicesPerNode: String(profile.devicesPerNode) }
    : {};
  return fillTemplate(templates.stages[stage], world) as { command: string[]; args: string[] };
}

function rendezvousPort({ backend }: ClusterProfile): number {
  if (backend.kind === 'kubernetes') return RENDEZVOUS_PORT;
  return backend.rendezvousPort === 'auto' ? ANY_FREE_PORT : backend.rendezvousPort;
}

/** Device nodes are usually tainted with the name of their resource, so that nothing else lands there. */
const deviceTolerations = ({ device }: ClusterProfile) =>
  device.resource === undefined ? [] : [{ key: device.resource, operator: 'Exists', effect: 'NoSchedule' }];
