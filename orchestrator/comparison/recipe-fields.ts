import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { FieldDifference } from './comparison.ts';

/** Fields that say what a recipe is called, not what it does. */
const NAMES: ReadonlySet<string> = new Set(['kind', 'name', 'description', 'team', 'project', 'costCenter']);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function leaves(value: unknown, path: string): readonly (readonly [path: string, value: unknown])[] {
  if (!isRecord(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, path === '' ? key : `${path}.${key}`));
}

/** Every setting of a recipe by its dotted path; lists stay whole. */
function settings(recipe: RunRecipe): ReadonlyMap<string, unknown> {
  return new Map(leaves(recipe, '').filter(([path]) => !NAMES.has(path)));
}

export interface RecipeFields {
  readonly shared: Readonly<Record<string, unknown>>;
  readonly different: readonly FieldDifference[];
}

export function compareFields(recipes: readonly RunRecipe[]): RecipeFields {
  const all = recipes.map(settings);
  const paths = [...new Set(all.flatMap((fields) => [...fields.keys()]))];
  const shared: Record<string, unknown> = {};
  const different: FieldDifference[] = [];
  for (const path of paths) {
    const values = all.map((fields) => fields.get(path) ?? null);
    if (new Set(values.map((value) => JSON.stringify(value))).size === 1) shared[path] = values[0];
    else different.push({ path, values });
  }
  return { shared, different };
}
