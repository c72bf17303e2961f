import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { holdsDevices } from '../run/stages.ts';
import type { Stage } from '../wire/job-spec.ts';
import { EXIT_CODE_OF_CLASS, NOT_RETRIED } from '../wire/termination.ts';
import { containerEnvironment } from './environment.ts';
import { fillTemplate } from './fill-template.ts';
import { jobSpecText, type RunDecision } from './job-spec.ts';
import { ANNOTATION, LABEL } from './keys.ts';
import type { Manifest } from './manifest.ts';
import { configName, jobName, LOCAL_VOLUME_CLAIM, podAddress, workSubPath } from './names.ts';
import { byteQuantity, stageResources } from './resources.ts';
import type { Templates } from './templates.ts';

export interface StageRequest extends RunDecision {
  readonly stage: Stage;
  /** From 1. */
  readonly attempt: number;
  /** Highest optimizer step that an earlier attempt reported; 0 at first. */
  readonly reachedStep: number;
}

/** Where torchrun listens unless the profile says otherwise: PyTorch's own default. */
const RENDEZVOUS_PORT = 29_500;
/** On the local backend: any free port, as everywhere in POSIX. */
const ANY_FREE_PORT = 0;

/** Training is ended as stuck after this many times the plan's upper estimate, and no sooner than ten minutes. */
const DEADLINE_FACTOR = 3;
const SHORTEST_DEADLINE_SECONDS = 600;

/**
 * The objects of one stage in the order in which they are to be created: Service, ConfigMap, Job.
 *
 * @throws StintError `bad-run-id` when a name would be refused, `environment-clash` when the profile's environment
 * redefines one of the stage contract's variables, `template-mismatch` when a template and this code disagree.
 */
export function renderStage(templates: Templates, request: StageRequest): readonly Manifest[] {
  const { run, stage, attempt, profile } = request;
  const job = jobName(run, stage, attempt);
  const { namespace } = kubernetesValues(profile);
  const labels = stageLabels(request);
  const annotations = { [ANNOTATION.recipeDigest]: request.recipeDigest };
  const common = { namespace, labels };
  const spec = {
    config: configName(run),
    namespace,
    labels: runLabels(request),
    annotations,
    spec: jobSpecText(request),
  };
  return [
    fillTemplate(templates.service, { ...common, job, selector: { 'batch.kubernetes.io/job-name': job } }),
    fillTemplate(templates.spec, spec),
    fillTemplate(templates.job, { ...common, annotations, job, ...jobValues(templates, request, job) }),
  ] as readonly Manifest[];
}

function jobValues(templates: Templates, request: StageRequest, job: string) {
  const { run, stage, attempt, profile, plan } = request;
  const withDevices = holdsDevices(stage);
  const pods = stage === 'train' ? profile.nodes : 1;
  const { image, serviceAccount, volumeClaim, nodeSelector, tolerations, queue, volumes } =
    kubernetesValues(profile);
  return {
    ...stageCommand(templates, stage, profile),
    ...stageResources(profile, withDevices),
    run,
    stage,
    attempt: String(attempt),
    reachedStep: String(request.reachedStep),
    jobLabels: { ...stageLabels(request), ...(withDevices ? queueLabels(queue) : {}) },
    podAnnotations: {
      [ANNOTATION.recipeDigest]: request.recipeDigest,
      [ANNOTATION.deviceModel]: profile.device.model,
      [ANNOTATION.devices]: String(withDevices ? profile.devicesPerNode : 0),
    },
    suspend: withDevices && queue ? true : undefined,
    pods,
    deadlineSeconds: stage === 'train' ? deadline(plan.duration.highSeconds) : undefined,
    exitCodesNotRetried: NOT_RETRIED.map((name) => EXIT_CODE_OF_CLASS[name]).toSorted((a, b) => a - b),
    serviceAccount,
    graceSeconds: Math.ceil(profile.grace),
    nodeSelector: withDevices ? nodeSelector : undefined,
    tolerations: [...(withDevices ? deviceTolerations(profile) : []), ...(tolerations ?? [])],
    image,
    masterAddress: podAddress(job, 0),
    masterPort: String(rendezvousPort(profile)),
    env: containerEnvironment(profile),
    volumeClaim,
    workSubPath: workSubPath(run),
    config: configName(run),
    sharedMemory: byteQuantity(profile.node.sharedMemory),
    ...extraVolumes(volumes ?? []),
  };
}

function stageCommand(templates: Templates, stage: Stage, profile: ClusterProfile) {
  const world =
    stage === 'train' ? { nodes: String(profile.nodes), devicesPerNode: String(profile.devicesPerNode) } : {};
  return fillTemplate(templates.stages[stage], world) as { command: string[]; args: string[] };
}

type KubernetesBackend = Extract<ClusterProfile['backend'], { kind: 'kubernetes' }>;
type KubernetesValues = Pick<KubernetesBackend, 'serviceAccount' | 'volumeClaim'> &
  Partial<Pick<KubernetesBackend, 'namespace' | 'nodeSelector' | 'tolerations' | 'queue' | 'volumes'>> & {
    readonly image?: string;
  };

/** What only Kubernetes has, with the values that stand for it on the local backend. */
function kubernetesValues({ backend }: ClusterProfile): KubernetesValues {
  if (backend.kind === 'local') return { serviceAccount: 'default', volumeClaim: LOCAL_VOLUME_CLAIM };
  return { ...backend, image: backend.images.trainer };
}

const extraVolumes = (volumes: KubernetesBackend['volumes']) => ({
  volumes: volumes.map(({ claim }, index) => ({
    name: `extra-${index}`,
    persistentVolumeClaim: { claimName: claim, readOnly: true },
  })),
  volumeMounts: volumes.map(({ mountPath }, index) => ({
    name: `extra-${index}`,
    mountPath,
    readOnly: true,
  })),
});

const deadline = (highSeconds: number) =>
  Math.ceil(Math.max(SHORTEST_DEADLINE_SECONDS, DEADLINE_FACTOR * highSeconds));

function rendezvousPort({ backend }: ClusterProfile): number {
  if (backend.kind === 'kubernetes') return RENDEZVOUS_PORT;
  return backend.rendezvousPort === 'auto' ? ANY_FREE_PORT : backend.rendezvousPort;
}

const runLabels = ({ run, recipe }: RunDecision) => ({
  [LABEL.run]: run,
  [LABEL.recipe]: recipe.name,
  ...(recipe.team === undefined ? {} : { [LABEL.team]: recipe.team }),
  ...(recipe.project === undefined ? {} : { [LABEL.project]: recipe.project }),
});

const stageLabels = (request: StageRequest) => ({
  ...runLabels(request),
  [LABEL.stage]: request.stage,
  [LABEL.attempt]: String(request.attempt),
});

const queueLabels = (
  queue: { readonly name: string; readonly priorityClass?: string | undefined } | undefined,
) => ({
  ...(queue === undefined ? {} : { 'kueue.x-k8s.io/queue-name': queue.name }),
  ...(queue?.priorityClass === undefined ? {} : { 'kueue.x-k8s.io/priority-class': queue.priorityClass }),
});

/** Device nodes are usually tainted with the name of their resource, so that nothing else lands there. */
const deviceTolerations = ({ device }: ClusterProfile) =>
  device.resource === undefined ? [] : [{ key: device.resource, operator: 'Exists', effect: 'NoSchedule' }];
