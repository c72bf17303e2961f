import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { type Plan, PlanSchema } from '../../orchestrator/plan/plan.ts';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';
import { type Path, withValue } from '../recipe/with-value.ts';
import { plan } from './fixtures.ts';

const PROFILE: unknown = parse(readFileSync('cluster/profiles/h100-16.yaml', 'utf8'));
const PRETRAINED: unknown = parse(readFileSync('recipes/s1-32b.yaml', 'utf8'));
const { base: GENERATED } = parse(readFileSync('recipes/quickstart.yaml', 'utf8')) as { base: unknown };

/** Where numbers stand; of lists, in their first item. */
function numbersIn(document: unknown, at: Path = []): Path[] {
  if (typeof document === 'number') return [at];
  if (typeof document !== 'object' || document === null) return [];
  const fields = Array.isArray(document) ? ([[0, document[0]]] as const) : Object.entries(document);
  return fields.flatMap(([key, value]) => numbersIn(value, [...at, key]));
}

/** The smallest and the largest that YAML can say, and the largest whole one. */
const EXTREMES = [5e-324, 1e300, Number.MAX_SAFE_INTEGER];

describe('a number that no person means', () => {
  it.each([
    ['samples of a generator', GENERATED, ['dataset', 'source', 'samples'], 10_000_000],
    ['questions of a generator', GENERATED, ['evaluation', 'benchmarks', 0, 'source', 'samples'], 100_000],
    ['questions', PRETRAINED, ['evaluation', 'benchmarks', 0, 'questions'], 100_000],
    ['samples of a histogram', PRETRAINED, ['dataset', 'lengths', 'bins', 0, 'count'], 10_000_000 - 986],
    ['a global batch', PRETRAINED, ['training', 'globalBatch'], 65_536],
    ['layers', PRETRAINED, ['model', 'architecture', 'layers'], 10_000_000],
    ['the width of a model', PRETRAINED, ['model', 'architecture', 'hiddenSize'], 10_000_000],
  ] as const)('is refused where a plan would not end: %s', (_, document, path, most) => {
    expect(parseDocument(FineTuneSchema, withValue(document, path, most)).ok).toBe(true);
    expect(parseDocument(FineTuneSchema, withValue(document, path, most + 1))).toMatchObject({
      issues: [{ expected: expect.stringContaining('at most') }],
    });
  });

  it.each(numbersIn(PROFILE).map((path) => [path.join('.'), path] as const))(
    'is refused or planned with in a profile: %s',
    (_, path) => {
      const recipe = FineTuneSchema.parse(PRETRAINED);
      const read = [...EXTREMES, 1e-6, 1e12].map((extreme) =>
        parseDocument(ClusterProfileSchema, withValue(PROFILE, path, extreme)),
      );
      const profiles = read.flatMap((parsed) => (parsed.ok ? [parsed.value] : []));
      expect(() => profiles.map((profile) => asJson(recipe, profile))).not.toThrow();
    },
  );

  it.each(numbersIn(PRETRAINED).map((path) => [path.join('.'), path] as const))(
    'is refused or planned with in a recipe: %s',
    (_, path) => {
      const profile = ClusterProfileSchema.parse(PROFILE);
      const read = EXTREMES.map((extreme) =>
        parseDocument(FineTuneSchema, withValue(PRETRAINED, path, extreme)),
      );
      const recipes = read.flatMap((parsed) => (parsed.ok ? [parsed.value] : []));
      expect(() => recipes.map((recipe) => asJson(recipe, profile))).not.toThrow();
    },
  );
});

/** A plan has a JSON form, in which no number is infinite or none; where there is no plan, it is said why. */
function asJson(...[recipe, profile]: Parameters<typeof plan>): Plan | null {
  try {
    return PlanSchema.parse(plan(recipe, profile));
  } catch (error) {
    if (isStintError(error)) return null;
    throw error;
  }
}
