import { describe, expect, it } from 'vitest';
import type { ArmInput } from '../../orchestrator/comparison/arm-input.ts';
import { caveats } from '../../orchestrator/comparison/caveats.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { sameInputs } from '../../orchestrator/comparison/same-inputs.ts';
import { inputsOfRecipe, type PlannedInputs } from '../../orchestrator/plan/planned-inputs.ts';
import type { Source } from '../../orchestrator/recipe/dataset.ts';
import { EvaluationSettingsSchema } from '../../orchestrator/recipe/evaluation.ts';
import { DEFAULT_PROMPT } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { asFineTune } from '../../orchestrator/recipe/run-recipe.ts';
import { armInput } from './fixture.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const FILE: Source = { kind: 'file', path: 'data.jsonl' };
const HUB = { kind: 'huggingface', repository: 'a/b', revision: 'c'.repeat(40), split: 'train' } as const;

/** Two runs of one recipe, each of which has read what is given for it. */
function two(source: Source, read: readonly [Partial<PlannedInputs>, Partial<PlannedInputs>]) {
  const arm = armInput('short');
  return read.map((inputs, index) => {
    const trained = asFineTune(arm.recipe);
    const recipe = { ...trained, dataset: { ...trained.dataset, source } };
    const plan = { ...arm.plan, inputs: { ...inputsOfRecipe(recipe), ...inputs } };
    return { ...arm, run: `r-${index}`, arm: `arm-${index}`, factor: null, recipe, plan };
  });
}
/** The run as one that only evaluates. */
const asEvaluation = (arm: ReturnType<typeof two>[number]): ArmInput => ({
  ...arm,
  recipe: {
    kind: 'Evaluation',
    name: 'asked',
    model: { kind: 'pretrained', repository: 'a/b', architecture: arm.recipe.model.architecture },
    prompt: DEFAULT_PROMPT,
    evaluation: EvaluationSettingsSchema.parse({
      benchmarks: [{ name: 'sums', source: FILE }],
      controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
    }),
  },
});
const dataset = (letter: string | null) => ({
  dataset: { name: 'data.jsonl', sha256: letter === null ? null : digest(letter), why: null },
});
const pair = (...[source, read]: Parameters<typeof two>) => sameInputs(['x', 'y'], two(source, read))[0];

describe('what two arms have read', () => {
  it('is the same where its content is, and another where one byte differs', () => {
    expect(pair(FILE, [dataset('a'), dataset('a')])).toMatchObject({ arms: ['x', 'y'], dataset: true });
    expect(pair(FILE, [dataset('a'), dataset('b')])).toMatchObject({
      dataset: false,
      model: true,
      benchmarks: true,
    });
  });

  it('is not known to be the same where nothing has pinned it', () => {
    expect(pair(FILE, [dataset(null), dataset(null)])?.dataset).toBe(false);
    const moving = { ...HUB, revision: 'unpinned' };
    expect(pair(moving, [dataset(null), dataset(null)])?.dataset).toBe(false);
  });

  it('is the same by its commit or generator, until prepare has hashed what it read', () => {
    expect(pair(HUB, [dataset(null), dataset(null)])?.dataset).toBe(true);
    expect(pair(HUB, [dataset('a'), dataset(null)])?.dataset).toBe(true);
    expect(pair(HUB, [dataset('a'), dataset('b')])?.dataset).toBe(false);
  });

  it('is nothing that could be the same where a run has trained on nothing', () => {
    const [trained] = two(FILE, [dataset('a'), dataset('a')]);
    if (trained === undefined) throw new Error('there is one');
    const between = (...sides: readonly ArmInput[]) => sameInputs(['x', 'y'], sides)[0]?.dataset;
    expect(between(trained, trained)).toBe(true);
    expect([between(trained, asEvaluation(trained)), between(asEvaluation(trained), trained)]).toEqual([
      null,
      null,
    ]);
    expect(between(asEvaluation(trained), asEvaluation(trained))).toBeNull();
  });

  it('is told of each pair, in the order of the arms', () => {
    const [a, b] = two(FILE, [dataset('a'), dataset('b')]);
    const all = sameInputs(
      ['x', 'y', 'z'],
      [a, b, a].filter((side) => side !== undefined),
    );
    expect(all.map(({ arms, dataset: same }) => [...arms, same])).toEqual([
      ['x', 'y', false],
      ['x', 'z', true],
      ['y', 'z', false],
    ]);
  });
});

describe('a comparison', () => {
  const texts = (...[source, read]: Parameters<typeof two>) => {
    const { findings, ...facts } = compareArms(two(source, read));
    expect(findings).toEqual(expect.arrayContaining([...caveats(facts)]));
    return { ...facts, texts: caveats(facts).map(({ text }) => text) };
  };

  it('does not call runs equal whose traces differ', () => {
    const { texts: said, sameInputs: same } = texts(FILE, [dataset('a'), dataset('b')]);
    expect(same).toEqual([{ arms: ['arm-0', 'arm-1'], model: true, dataset: false, benchmarks: true }]);
    expect(said).toContain('arm-0 and arm-1 were trained on different data');
    expect(said.join()).not.toContain('are equal');
  });

  it('calls nothing trained on different data of which one was not trained', () => {
    const [trained, other] = two(FILE, [dataset('a'), dataset('b')]);
    if (trained === undefined || other === undefined) throw new Error('there are two');
    for (const arms of [
      [trained, asEvaluation(other)],
      [asEvaluation(trained), other],
    ])
      expect(caveats(compareArms(arms)).map(({ text }) => text)).not.toContain(
        'arm-0 and arm-1 were trained on different data',
      );
  });

  it('says nothing of other benchmarks where one of them has answered none', () => {
    const [a, b] = two(FILE, [dataset('a'), dataset('a')]);
    if (a === undefined || b === undefined) throw new Error('there are two');
    const asked = { ...inputsOfRecipe(b.recipe), ...dataset('a'), benchmarks: [] };
    const source: Source = { kind: 'file', path: 'sums.jsonl' };
    const evaluation = FineTuneSchema.shape.evaluation.parse({
      benchmarks: [{ name: 'sums', source }],
      controls: [{ kind: 'budget', maxThinkingTokens: 4 }],
    });
    const other = {
      ...b,
      recipe: { ...asFineTune(b.recipe), evaluation },
      plan: { ...b.plan, inputs: asked },
    };
    const told = (evaluated: typeof a) =>
      compareArms([evaluated, other])
        .findings.map(({ text }) => text)
        .join();
    expect(told({ ...a, evaluation: null })).not.toContain('different benchmarks');
    expect(told(a)).toContain('answered different benchmarks');
  });

  it('calls them equal where they have read the same', () => {
    const { texts: said } = texts(FILE, [dataset('a'), dataset('a')]);
    expect(said.join()).toContain('their recipes are equal');
    expect(said.join()).not.toContain('different');
  });
});
