import type { Stage } from './job-spec.ts';

/** What is true of a stage in whatever run it is; which stages a run has, its kind says (run/kinds). */
interface StageTraits {
  /** Holds devices, unless whom it asks is elsewhere; the others run on processors, with the devices released. */
  readonly holdsDevices: boolean;
  /** A gang of a pod on each node of the profile, over its network; else one pod. */
  readonly isGang: boolean;
  /** Takes optimizer steps and tells of each: by them its time is planned, and it is seen to stand still. */
  readonly takesSteps: boolean;
  /** Leaves something that the store takes over: a plan to be judged again, a checkpoint, results. */
  readonly isCollected: boolean;
  /** Finishes what was paid for and holds no devices for it: it goes on whatever budget is used up. */
  readonly isPaidFor: boolean;
}

const NONE = {
  holdsDevices: false,
  isGang: false,
  takesSteps: false,
  isCollected: false,
  isPaidFor: false,
} as const;

const TRAITS = {
  prepare: { ...NONE, isCollected: true },
  train: { ...NONE, holdsDevices: true, isGang: true, takesSteps: true },
  export: { ...NONE, isCollected: true, isPaidFor: true },
  evaluate: { ...NONE, holdsDevices: true, isCollected: true },
} as const satisfies Readonly<Record<Stage, StageTraits>>;

export type CollectedStage = {
  [Each in Stage]: (typeof TRAITS)[Each]['isCollected'] extends true ? Each : never;
}[Stage];

export const holdsDevices = (stage: Stage): boolean => TRAITS[stage].holdsDevices;
export const isGang = (stage: Stage): boolean => TRAITS[stage].isGang;
export const takesSteps = (stage: Stage): boolean => TRAITS[stage].takesSteps;
export const isCollected = (stage: Stage): stage is CollectedStage => TRAITS[stage].isCollected;
export const isPaidFor = (stage: Stage): boolean => TRAITS[stage].isPaidFor;
