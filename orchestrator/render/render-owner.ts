import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { MAX_RETRIES } from '../run/max-retries.ts';
import { takesDevices } from '../run/stages.ts';
import { EXIT_CODES_NOT_RETRIED } from '../wire/termination.ts';
import { fillTemplate } from './fill-template.ts';
import { ANNOTATION, FINALIZER } from './keys.ts';
import { stageLabels } from './labels.ts';
import type { Manifest } from './manifest.ts';
import { jobName, runtimeName } from './names.ts';
import { ownerOf } from './owner.ts';
import { queueLabels, suspended } from './queue.ts';
import { renderPod, renderProfilePod } from './render-pod.ts';
import { deadlineSeconds, podCount, type StageRequest } from './request.ts';
import { splitPod } from './split-pod.ts';
import type { Templates } from './templates.ts';

/** How long the settled objects of a finished stage stay. */
const KEEP_SECONDS = 86_400;

/** The one object that carries a stage's pods. */
export function renderOwner(templates: Templates, request: StageRequest): Manifest {
  const pod = renderPod(templates, request);
  const metadata = ownerMetadata(request);
  const life = { suspend: suspended(request), keepSeconds: KEEP_SECONDS };
  const size = { pods: podCount(request), deadlineSeconds: deadlineSeconds(request) };
  switch (ownerOf(request.profile)) {
    case 'job':
      return fillJob(templates, { ...metadata, ...life, ...size }, pod);
    case 'jobset':
      return fillJobSet(templates, { ...metadata, ...life }, gang(templates, size, pod));
    case 'trainjob': {
      const { patch, main } = splitPod(pod);
      const { resources, ...container } = main;
      return fillTemplate(templates.trainJob, {
        ...metadata,
        ...size,
        ...container,
        resources,
        suspend: life.suspend,
        runtime: runtimeName(request.profile, takesDevices(request)),
        podPatch: patch,
      }) as Manifest;
    }
  }
}

/**
 * The runtime of a profile's TrainJobs: a JobSet as above, with what only the profile decides. It keeps its objects until
 * their TrainJob goes: Trainer would make a JobSet again that its own time limit removed (kubeflow/trainer#2991).
 */
export function renderRuntime(templates: Templates, profile: ClusterProfile, withDevices: boolean): Manifest {
  const { rest } = splitPod(renderProfilePod(templates, profile, withDevices));
  const size = { pods: 1, deadlineSeconds: undefined };
  const labels = { 'trainer.kubeflow.org/trainjob-ancestor-step': 'trainer' };
  const jobSet = fillJobSet(templates, NO_METADATA, gang(templates, size, rest), labels);
  return fillTemplate(templates.runtime, {
    runtime: runtimeName(profile, withDevices),
    labels: { 'app.kubernetes.io/managed-by': 'stint' },
    jobSet: jobSet['spec'],
  }) as Manifest;
}

interface OwnerMetadata {
  readonly job: string;
  readonly namespace: string | undefined;
  readonly jobLabels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
}

/** Of an object of which only the specification is used. */
const NO_METADATA = {
  job: '',
  namespace: undefined,
  jobLabels: {},
  annotations: {},
  finalizers: [],
  suspend: undefined,
  keepSeconds: undefined,
};

function ownerMetadata(request: StageRequest): OwnerMetadata {
  const { run, stage, attempt, profile, recipeDigest } = request;
  return {
    job: jobName(run, stage, attempt),
    namespace: profile.backend.kind === 'kubernetes' ? profile.backend.namespace : undefined,
    jobLabels: { ...stageLabels(request), ...queueLabels(request) },
    annotations: { [ANNOTATION.recipeDigest]: recipeDigest },
    finalizers: [FINALIZER],
  };
}

interface Life {
  readonly suspend: boolean | undefined;
  readonly keepSeconds: number | undefined;
}

interface Size {
  readonly pods: number;
  readonly deadlineSeconds: number | undefined;
}

interface GangPod {
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
}

const fillJob = (templates: Templates, values: OwnerMetadata & Life & Size, pod: GangPod): Manifest =>
  fillTemplate(templates.job, {
    ...values,
    pod,
    container: pod.spec.containers[0]?.name,
    exitCodesNotRetried: EXIT_CODES_NOT_RETRIED,
  }) as Manifest;

/** The specification of the job within a JobSet: the indexed job's, without what the JobSet decides. */
const gang = (templates: Templates, size: Size, pod: GangPod): unknown =>
  fillJob(templates, { ...NO_METADATA, ...size }, pod)['spec'];

const fillJobSet = (
  templates: Templates,
  values: OwnerMetadata & Life,
  spec: unknown,
  gangLabels?: Readonly<Record<string, string>>,
): Manifest =>
  fillTemplate(templates.jobSet, {
    ...values,
    gang: spec,
    gangLabels,
    maxRestarts: MAX_RETRIES,
    failureMessageNotRetried: `.*failed with exit code (${EXIT_CODES_NOT_RETRIED.join('|')}) .*`,
  }) as Manifest;
