import type { ArmInput } from './arm-input.ts';

interface Measured extends Pick<ArmInput, 'recipe' | 'evaluation'> {
  readonly name: string;
}

/**
 * What arms were measured by and should share: another grader, or another way to draw, is no other model. Nothing where that is what
 * they differ in on purpose.
 */
export function measuredOtherwise(arms: readonly Measured[], factor: string | null): readonly string[] {
  if (factor?.startsWith('evaluation')) return [];
  const evaluated = arms.filter(({ evaluation }) => evaluation !== null);
  return [...otherGraders(evaluated), ...otherTemperatures(evaluated)];
}

function otherGraders(arms: readonly Measured[]): readonly string[] {
  const graded = arms.flatMap(({ name, recipe }) =>
    (recipe.evaluation?.benchmarks ?? []).map(({ name: benchmark, grader }) => ({ benchmark, name, grader })),
  );
  return Object.entries(Object.groupBy(graded, ({ benchmark }) => benchmark)).flatMap(
    ([benchmark, own = []]) =>
      differ(own.map(({ grader }) => grader))
        ? [
            `answers on ${benchmark} were graded by different graders (${own.map(({ name, grader }) => `${name} by ${grader}`).join('; ')}): a part of the differences is the graders’`,
          ]
        : [],
  );
}

/** Results of old are greedy. */
function otherTemperatures(arms: readonly Measured[]): readonly string[] {
  const drawn = arms.map(({ name, evaluation }) => ({
    name,
    temperature: evaluation?.sampling?.temperature ?? 0,
  }));
  return differ(drawn.map(({ temperature }) => temperature))
    ? [
        `answers were drawn at different temperatures (${drawn.map(({ name, temperature }) => `${name} at ${temperature}`).join('; ')}): a part of the differences is how they were drawn`,
      ]
    : [];
}

const differ = (values: readonly unknown[]): boolean => new Set(values).size > 1;
