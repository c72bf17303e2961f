/** Labels that find a run's objects, on each of them and on its pods. */
export const LABEL = {
  run: 'stint.dev/run',
  /** Name of the object that carries a stage's pods, by which they are found whatever controller made them. */
  job: 'stint.dev/job',
  attempt: 'stint.dev/attempt',
  stage: 'stint.dev/stage',
  recipe: 'stint.dev/recipe',
  /** The first digits of it; the annotation of this name has all. */
  recipeDigest: 'stint.dev/recipe-digest',
  team: 'stint.dev/team',
  project: 'stint.dev/project',
  costCenter: 'stint.dev/cost-center',
} as const;

/** What is too long or too free in form for a label. On pods: what the ledger needs of them. */
export const ANNOTATION = {
  recipeDigest: 'stint.dev/recipe-digest',
  deviceModel: 'stint.dev/device-model',
  devices: 'stint.dev/devices',
} as const;

/** On pods and on the object that carries them: kept until their time is in the ledger. */
export const FINALIZER = 'stint.dev/usage-settled';

/** Where Kubernetes writes a pod's completion index. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
