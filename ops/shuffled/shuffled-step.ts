import { STEPS, type Step } from '../test-steps.ts';

/** The parts of `npm test` that can come out differently from one time to the next. */
export const SHUFFLED_PARTS = ['unit', 'python', 'end-to-end'] as const;
export type ShuffledPart = (typeof SHUFFLED_PARTS)[number];

/** A part with its tests in the order, and its properties, mutations and simulations with the seed, that a number names. */
export function shuffledStep(part: ShuffledPart, seed: number): Step {
  const step = STEPS.find((each) => each.part === part);
  if (step === undefined) throw new Error(`there is no part ${part}`);
  const order =
    part === 'python'
      ? [`--hypothesis-seed=${seed}`]
      : ['--sequence.shuffle.files', '--sequence.shuffle.tests', `--sequence.seed=${seed}`];
  const names = ['STINT_TEST_SEED', 'STINT_SIMULATION_SEED', 'STINT_MUTATION_SEED'];
  return {
    ...step,
    name: `${step.part}, seed ${seed}`,
    args: [...step.args, ...order],
    env: Object.fromEntries(names.map((name) => [name, String(seed)])),
  };
}
