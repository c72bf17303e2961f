/** Labels that find a run's objects, on each of them and on its pods. */
export const LABEL = {
  run: 'stint.dev/run',
  attempt: 'stint.dev/attempt',
  stage: 'stint.dev/stage',
  recipe: 'stint.dev/recipe',
  team: 'stint.dev/team',
  project: 'stint.dev/project',
} as const;

/** What is too long or too free in form for a label. On pods: what the ledger needs of them. */
export const ANNOTATION = {
  recipeDigest: 'stint.dev/recipe-digest',
  deviceModel: 'stint.dev/device-model',
  devices: 'stint.dev/devices',
} as const;

/** Where Kubernetes writes a pod's completion index. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';
