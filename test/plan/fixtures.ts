import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { AblationSchema } from '../../orchestrator/recipe/ablation.ts';
import { expandAblation } from '../../orchestrator/recipe/expand-ablation.ts';
import { type FineTune, FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import type { Architecture } from '../../orchestrator/recipe/model.ts';
import type { Training } from '../../orchestrator/recipe/training.ts';

const read = (path: string): unknown => parse(readFileSync(path, 'utf8'));

export const profile = (name: string): ClusterProfile =>
  ClusterProfileSchema.parse(read(`cluster/profiles/${name}.yaml`));

export const recipe = (name: string): FineTune => FineTuneSchema.parse(read(`recipes/${name}.yaml`));

/** What only trains, for figures that the evaluation would be a part of. */
export function trainedOnly(name: string): FineTune {
  const { evaluation: _, ...trained } = recipe(name);
  return trained;
}

/** The recipes of a shipped ablation whose base stands in its own file. */
export const arms = (name: string): readonly FineTune[] => {
  const ablation = AblationSchema.parse(read(`recipes/${name}.yaml`));
  if (typeof ablation.base === 'string') throw new Error(`${name} has its base elsewhere`);
  return expandAblation(ablation, ablation.base).map((arm) => arm.recipe);
};

export const DIGEST = `sha256:${'a'.repeat(64)}`;

export const plan = (of: FineTune | string, on: ClusterProfile | string): Plan =>
  makePlan(typeof of === 'string' ? recipe(of) : of, DIGEST, typeof on === 'string' ? profile(on) : on);

export const withTraining = (base: FineTune, training: Partial<Training>): FineTune => ({
  ...base,
  training: { ...base.training, ...training },
});

/** The recipe as if its samples' questions and answers had so many tokens in the mean. */
export function withOtherTokens(base: FineTune, otherTokens: number): FineTune {
  const { lengths } = base.dataset;
  if (!lengths) throw new Error(`${base.name} has no histogram`);
  return { ...base, dataset: { ...base.dataset, lengths: { ...lengths, otherTokens } } };
}

/** Names of the failed verdicts that stop a launch. */
export const refusals = ({ verdicts }: Pick<Plan, 'verdicts'>): string[] =>
  verdicts.filter(({ ok, refuses }) => refuses && !ok).map(({ name }) => name);

export function verdict({ verdicts }: Pick<Plan, 'verdicts'>, name: string) {
  const found = verdicts.find((each) => each.name === name);
  if (!found) throw new Error(`no verdict ${name}`);
  return found;
}

export const deviceHoursOfSteps = (
  { steps, duration }: Plan,
  { nodes, devicesPerNode }: ClusterProfile,
): number => (steps * duration.stepSeconds * nodes * devicesPerNode) / 3600;

/** Of 608 weights a block and, with 32 entries, 256 an embedding: small enough to be counted by hand. */
export const TINY: Architecture = {
  ...recipe('s1-32b').model.architecture,
  layers: 3,
  hiddenSize: 8,
  queryHeads: 2,
  keyValueHeads: 1,
  headSize: 4,
  feedForwardSize: 16,
  tiedEmbeddings: false,
};
