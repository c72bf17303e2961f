/** What a held device is doing. The trainer reports the first eight; `hung` and `terminating` are seen from outside. */
export const PHASES = [
  'starting',
  'loading',
  'training',
  'checkpointing',
  'recomputing',
  'preparing',
  'exporting',
  'evaluating',
  'hung',
  'terminating',
] as const;
export type Phase = (typeof PHASES)[number];
