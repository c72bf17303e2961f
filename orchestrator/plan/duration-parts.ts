import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { lastCheckpointBytes, stateBytes, volumeRate, writeSeconds } from './checkpoint-size.ts';
import { PREFLIGHT_BOUNDS, STARTUP_BOUNDS, STEP_TIME_BOUNDS, VOLUME_BOUNDS } from './efficiency.ts';
import type { DurationPart } from './plan.ts';
import type { Sizing } from './sizing.ts';
import type { StepTime } from './step-time.ts';

/** Seconds, as they are expected and within which they are held. */
export interface Estimate {
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** Products, a ring and 256 MB written, each ended after 4 s, and the ring's first connections. */
const PREFLIGHT_SECONDS = { gpu: 8, cpu: 2 } as const;
/** A half of a block, forward and backward, by all ranks at once: an assumption until a bench has measured it. */
const COMPILE_SECONDS_A_HALF = 12.5;
/** The halves of a block, before and after attention, by their names in the trainer: modes that share one compile it once. */
const HALVES: Readonly<Record<Recompute, readonly string[]>> = {
  none: ['heads', 'rest'],
  full: ['heads', 'rest'],
  selective: ['heads again', 'rest again'],
  gate: ['heads again', 'rest after gate'],
};
const COMPILE_BOUNDS = { low: 0.2, high: 2 } as const;
/** Published weights lie in bf16. */
const FILE_BYTES_PER_PARAMETER = 2;
/**
 * Of the load, what is over before a process has imported torch and what trains, 3.1 s of a core: its slices are read meanwhile
 * (trainer/sft/read_ahead.py). Joining the ranks and building the model take longer, by how much nobody has measured on GPUs.
 */
const READ_AHEAD_SECONDS = 3;
/** Who writes what is agreed on, files are synced, the folder is renamed. */
const SAVE_SECONDS = 1;
/** All ranks of a node copy their shards into its memory at once. */
const STAGED_BYTES_PER_SECOND = 10e9;

/** What the train stage does while it holds the devices, in its order. */
export function durationParts(
  recipe: FineTune,
  profile: ClusterProfile,
  sizing: Sizing,
  steps: number,
  step: Pick<StepTime, 'seconds'>,
): Readonly<Record<DurationPart, Estimate>> {
  const { kind } = profile.device;
  const load = within(loadSeconds(recipe, profile, sizing), volumeBounds(profile));
  const compile = within(compileSeconds(recipe, sizing), COMPILE_BOUNDS);
  return {
    startup: within(profile.startup, STARTUP_BOUNDS),
    preflight: within(preflightSeconds(profile), PREFLIGHT_BOUNDS),
    load,
    compile: longerThan(load, compile),
    steps: within(steps * step.seconds, STEP_TIME_BOUNDS[kind]),
    checkpoint: within(checkpointSeconds(recipe, profile, sizing, steps, step), volumeBounds(profile)),
    // Its stage holds no devices.
    export: within(0, { low: 1, high: 1 }),
  };
}

const within = (
  seconds: number,
  { low, high }: { readonly low: number; readonly high: number },
): Estimate => ({
  expected: seconds,
  low: low * seconds,
  high: high * seconds,
});

/** What one takes beyond another that goes on beside it: blocks are compiled while weights are read. */
function longerThan(other: Estimate, one: Estimate): Estimate {
  const beyond = (bound: keyof Estimate) => Math.max(0, one[bound] - other[bound]);
  const expected = beyond('expected');
  return {
    expected,
    low: Math.min(expected, beyond('low')),
    high: Math.max(expected, beyond('high')),
  };
}

const volumeBounds = ({ floors }: ClusterProfile) =>
  VOLUME_BOUNDS[floors === undefined ? 'unknown' : 'floor'];

function preflightSeconds({ device, floors }: ClusterProfile): number {
  return device.kind === 'gpu' || floors !== undefined ? PREFLIGHT_SECONDS[device.kind] : 0;
}

/** Beyond start-up. Each rank reads its own shards: the ranks of all nodes share the files, or those of a node where each has a replica. */
function loadSeconds({ model }: FineTune, profile: ClusterProfile, { size, layout }: Sizing): number {
  if (model.kind === 'scratch') return 0;
  const replicas = layout.world / layout.shards;
  const bytes = FILE_BYTES_PER_PARAMETER * size.parameters * replicas;
  return Math.max(0, bytes / (profile.nodes * volumeRate(profile)) - READ_AHEAD_SECONDS);
}

/** Those of the ways that steps take, on the first rows that take them. */
function compileSeconds({ training }: FineTune, { recompute, recomputeLimits }: Sizing): number {
  const taken = recomputeLimits.slice(0, 1 + recomputeLimits.findIndex(({ mode }) => mode === recompute));
  const halves = new Set(taken.flatMap(({ mode }) => HALVES[mode]));
  return training.compile ? halves.size * COMPILE_SECONDS_A_HALF : 0;
}

/** The last one, which is waited for; of those on the way what stops training: staging, and a disk that lags behind. */
function checkpointSeconds(
  recipe: FineTune,
  profile: ClusterProfile,
  { size, layout }: Sizing,
  steps: number,
  step: Pick<StepTime, 'seconds'>,
): number {
  if (steps === 0) return 0;
  const last = SAVE_SECONDS + writeSeconds(lastCheckpointBytes(recipe, size), profile);
  const { everySteps } = recipe.training.checkpoint;
  if (everySteps === null) return last;
  const staging = stateBytes(size) / layout.world / STAGED_BYTES_PER_SECOND;
  const lag = SAVE_SECONDS + writeSeconds(stateBytes(size), profile) - everySteps * step.seconds;
  return last + Math.floor((steps - 1) / everySteps) * (staging + Math.max(0, lag));
}
