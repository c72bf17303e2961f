import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { withoutEvaluation } from '../../orchestrator/documents/without-evaluation.ts';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { jobSpecText } from '../../orchestrator/render/job-spec.ts';
import { NO_INPUTS } from '../../orchestrator/wire/inputs.ts';
import { exampleRecipe } from './example-recipe.ts';

interface Case {
  readonly name: string;
  readonly evaluates: boolean;
  readonly plan: Plan;
  readonly spec: string;
}

/** What each specification's stages say of it: null, or why they cannot use it. */
const PARSE = `
import json, sys
from trainer.evaluate.settings import parse_settings
from trainer.failure import StageError
from trainer.parse import parse
from trainer.spec import JobSpec

def said(text):
    spec = parse(JobSpec, json.loads(text), "spec")
    if spec.recipe.evaluation is None:
        return None
    try:
        parse_settings(spec.recipe.evaluation)
    except StageError as error:
        return str(error)

print(json.dumps([said(text) for text in json.load(sys.stdin)]))
`;

/** Null where the profile has more devices than the batch has samples: that is no plan, and nothing is launched. */
function planOf(...[recipe, recipeDigest, profile]: Parameters<typeof makePlan>): Plan | null {
  try {
    return makePlan(recipe, recipeDigest, profile);
  } catch (error) {
    if (!isStintError(error) || error.code !== 'batch-not-divisible') throw error;
    return null;
  }
}

const cases: Case[] = [];
let answers: readonly (string | null)[] = [];

beforeAll(async () => {
  for (const file of globSync('recipes/**/*.yaml')) {
    const whole = await loadRecipe(file.endsWith('smollm2.yaml') ? exampleRecipe() : file);
    // Who asks has no arms, and nothing to leave out.
    if (whole.recipe.kind === 'Evaluation') continue;
    const recipes = [whole, withoutEvaluation(whole)].flatMap(({ arms }) => arms);
    for (const profileFile of globSync('cluster/profiles/*.yaml')) {
      const profile = await loadProfile(basename(profileFile, '.yaml'));
      for (const { name, recipe, recipeDigest } of recipes) {
        const plan = planOf(recipe, recipeDigest, profile);
        if (plan === null) continue;
        const decision = { run: 'r-1', recipe, recipeDigest, inputs: NO_INPUTS, profile, plan };
        const evaluates = recipe.evaluation !== undefined;
        const label = `${file} ${name} on ${profile.name}${evaluates ? '' : ', without evaluation'}`;
        cases.push({ name: label, evaluates, plan, spec: jobSpecText(decision) });
      }
    }
  }
  const output = execFileSync('.venv/bin/python', ['-c', PARSE], {
    input: JSON.stringify(cases.map(({ spec }) => spec)),
    encoding: 'utf8',
  });
  answers = JSON.parse(output) as (string | null)[];
}, 120_000);

const refusing = ({ plan }: Case) => plan.verdicts.filter(({ ok, refuses }) => refuses && !ok);

describe('every shipped recipe on every shipped cluster', () => {
  it('is understood by every stage where its plan says that it can be launched', () => {
    expect(answers).toHaveLength(cases.length);
    expect(cases.length).toBeGreaterThan(50);
    const launchable = cases.filter((each) => refusing(each).length === 0);
    expect(launchable.length).toBeGreaterThan(10);
    const surprised = cases.flatMap((each, index) =>
      answers[index] !== null && refusing(each).length === 0 ? [`${each.name}: ${answers[index]}`] : [],
    );
    expect(surprised).toEqual([]);
  });

  it('asks for nothing that the trainer does not know, and says the way out where an evaluation is refused', () => {
    expect(answers.filter((answer) => answer !== null)).toEqual([]);
    const refused = cases.flatMap(({ plan }) =>
      plan.verdicts.filter(({ name, ok }) => name === 'can-be-evaluated' && !ok),
    );
    expect(refused.length).toBeGreaterThan(3);
    for (const verdict of refused) expect(verdict.message).toContain('--without-evaluation');
  });

  it('can be evaluated later: nothing but its own size and price refuses it without evaluation', () => {
    const names = new Set(
      cases.filter(({ evaluates }) => !evaluates).flatMap((each) => refusing(each).map(({ name }) => name)),
    );
    expect([...names].toSorted()).toEqual(['host-memory-fits', 'memory-fits', 'within-budget']);
  });
});
