import { StintError } from '../errors/stint-error.ts';
import { matchControls } from '../evaluation/match-controls.ts';
import { parallelGains } from '../evaluation/parallel-thinking.ts';
import { publishedCurves } from '../evaluation/published-curves.ts';
import { waitFlips } from '../evaluation/wait-flips.ts';
import type { ArmInput } from './arm-input.ts';
import type { Comparison, Finding } from './comparison.ts';
import { describeArm } from './describe-arm.ts';
import { armDifferences, controlGains, type EvaluatedArm } from './differences.ts';
import { findings } from './findings.ts';
import { measuredOtherwise } from './measured-alike.ts';
import { compareFields } from './recipe-fields.ts';
import { EACH_ONCE, requireDistinct } from './require-distinct.ts';
import { sameInputs } from './same-inputs.ts';
import { compareWithUntouched } from './untouched.ts';

/**
 * Puts runs side by side; the first one is the reference that the others are held against.
 *
 * Throws StintError (input) when no run is given, or one twice.
 */
export function compareArms(inputs: readonly ArmInput[]): Comparison {
  refuseUnlessDistinct(inputs.map((input) => input.run));
  const factor = sharedFactor(inputs);
  const names = distinctNames(inputs);
  const arms = inputs.map((input, index) => describeArm(input, names[index] ?? input.run, factor !== null));
  const fields = compareFields(inputs.map((input) => input.recipe));
  const evaluated: EvaluatedArm[] = inputs.flatMap((input, index) =>
    input.evaluation === null
      ? []
      : [
          {
            name: names[index] ?? input.run,
            evaluation: input.evaluation,
            untouched: input.evaluation.untouched,
          },
        ],
  );
  const [reference, ...others] = evaluated;
  const facts = {
    factor,
    arms,
    differences: reference === undefined ? [] : others.flatMap((other) => armDifferences(reference, other)),
    gains: evaluated.flatMap(controlGains),
    waitFlips: evaluated.flatMap(({ name, evaluation }) =>
      waitFlips(evaluation).map((flips) => ({ arm: name, ...flips })),
    ),
    parallel: evaluated.flatMap(({ name, evaluation }) =>
      parallelGains(evaluation).map((gain) => ({ arm: name, ...gain })),
    ),
    published: publishedCurves(benchmarksOf(evaluated)),
    ...compareWithUntouched(evaluated),
    recipeDifferences: fields.different.filter((field) => !isWithin(field.path, factor)),
    sameInputs: sameInputs(
      arms.map((arm) => arm.name),
      inputs,
    ),
    shared: fields.shared,
    decodedIn: decodedIn(evaluated),
  };
  return {
    ...facts,
    findings: [
      ...findings(facts),
      ...measuredOtherwise(
        inputs.map((input, index) => ({ ...input, name: names[index] ?? input.run })),
        factor,
      ).map((text) => ({ about: 'caveat', told: true, text }) as const),
      ...(reference === undefined ? [] : unmatchedQuestions(reference, others)),
    ],
  };
}

/** By name, with how many questions; arms that answered others under one name are told apart elsewhere. */
function benchmarksOf(
  arms: readonly EvaluatedArm[],
): readonly { readonly name: string; readonly n: number }[] {
  const all = arms.flatMap(({ evaluation }) => evaluation.benchmarks);
  return [...new Map(all.map(({ name, n }) => [name, { name, n }])).values()];
}

/** The type that each model's weights had while it answered; those that were written before it was kept say nothing. */
function decodedIn(arms: readonly EvaluatedArm[]): Comparison['decodedIn'] {
  const measured = arms.flatMap(({ name, evaluation, untouched }) => [
    { name, dtype: evaluation.dtype },
    { name: `${name} untouched`, dtype: untouched?.dtype },
  ]);
  return measured.flatMap(({ name, dtype }) => (dtype === undefined ? [] : [{ name, dtype }]));
}

function refuseUnlessDistinct(runs: readonly string[]): void {
  if (runs.length === 0)
    throw new StintError({
      code: 'no-runs-to-compare',
      what: 'No run was given to compare.',
      todo: EACH_ONCE,
    });
  requireDistinct(runs);
}

function sharedFactor(inputs: readonly ArmInput[]): string | null {
  const path = inputs[0]?.factor?.path;
  return path !== undefined && inputs.every((input) => input.factor?.path === path) ? path : null;
}

/** An arm's own name where it is unique; arms of one name are told apart by their runs. */
function distinctNames(inputs: readonly ArmInput[]): readonly string[] {
  const names = inputs.map((input) => input.arm);
  return inputs.map(({ arm, run }) =>
    names.indexOf(arm) === names.lastIndexOf(arm) ? arm : `${arm} (${run})`,
  );
}

function isWithin(path: string, factor: string | null): boolean {
  return factor !== null && (path === factor || path.startsWith(`${factor}.`));
}

function unmatchedQuestions(reference: EvaluatedArm, others: readonly EvaluatedArm[]): readonly Finding[] {
  return others.flatMap((other) =>
    matchControls(reference.evaluation, other.evaluation).otherQuestions.map((benchmark): Finding => {
      const who = `${reference.name} and ${other.name} answered different questions`;
      const text = `${who} under the name ${benchmark}: their accuracies are not compared`;
      return { about: 'caveat', told: false, text };
    }),
  );
}
