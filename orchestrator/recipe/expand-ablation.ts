import type { ErrorCode } from '../errors/catalogue.ts';
import { type Problem, StintError } from '../errors/stint-error.ts';
import type { Ablation } from './ablation.ts';
import { canonicalJson } from './canonical.ts';
import { didYouMean } from './did-you-mean.ts';
import { explainIssues, type FieldIssue } from './explain-issue.ts';
import { type FieldPath, formatPath, withoutPath, withValueAt } from './field-path.ts';
import { type FineTune, FineTuneSchema } from './fine-tune.ts';
import { knownKeys } from './known-keys.ts';
import type { RunRecipe } from './run-recipe.ts';

export interface Arm<Recipe extends RunRecipe = FineTune> {
  readonly name: string;
  readonly value: unknown;
  readonly recipe: Recipe;
}

/** Where a field of the ablation stands, or its name: in its file, where it has one. */
type Locate = (path: FieldPath, aboutKey?: boolean) => string;

/**
 * One recipe an arm: the base with the common `set` fields and the arm's value of the factor. The arms are proven to be
 * equal in everything else, so that a difference in outcome has one cause.
 *
 * @throws StintError when a path names no field, a value does not fit, or two arms are the same.
 */
export function expandAblation(
  ablation: Ablation,
  base: FineTune,
  locate: Locate = formatPath,
): readonly Arm[] {
  const common = Object.entries(ablation.set).reduce<unknown>((recipe, [path, value]) => {
    checkPath(recipe, path, locate(['set', path], true));
    if (
      path === ablation.factor ||
      path.startsWith(`${ablation.factor}.`) ||
      ablation.factor.startsWith(`${path}.`)
    )
      throw input(
        'set-touches-factor',
        locate(['set', path], true),
        `"${path}" sets the factor itself for every arm`,
        'remove it from `set`; the arms give the factor its values',
      );
    return withValueAt(recipe, path.split('.'), value);
  }, base);
  checkPath(common, ablation.factor, locate(['factor']));
  const arms = ablation.arms.map((arm, index) => {
    const document = withValueAt(common, ablation.factor.split('.'), arm.value);
    const parsed = FineTuneSchema.safeParse(document);
    if (!parsed.success) {
      const issues = explainIssues(FineTuneSchema, document, parsed.error.issues);
      throw new StintError(issues.map((issue) => misfit(issue, ablation, index, locate)));
    }
    return { name: arm.name, value: arm.value, recipe: parsed.data };
  });
  proveOneFactor(arms, ablation.factor, locate);
  return arms;
}

/**
 * @throws StintError when two arms share a name or a value, or differ in anything but the factor.
 */
export function proveOneFactor(arms: readonly Arm[], factor: string, locate: Locate = formatPath): void {
  const path = factor.split('.');
  const [first, ...others] = arms;
  if (first === undefined) return;
  const rest = canonicalJson(withoutPath(first.recipe, path));
  const differing = others.find((arm) => canonicalJson(withoutPath(arm.recipe, path)) !== rest);
  if (differing)
    throw input(
      'more-than-one-factor',
      locate(['arms']),
      `arms "${first.name}" and "${differing.name}" differ in more than ${factor}`,
      `make them equal in everything but ${factor}`,
    );
  for (const key of ['name', 'value'] as const) {
    const texts = arms.map((arm) => canonicalJson(arm[key]));
    const twice = texts.findIndex((text, index) => texts.indexOf(text) !== index);
    if (twice >= 0)
      throw input(
        key === 'name' ? 'same-name' : 'same-value',
        locate(['arms', twice, key]),
        `two arms have the ${key} ${texts[twice]}`,
        `give each arm its own ${key}`,
      );
  }
}

function checkPath(recipe: unknown, path: string, where: string): void {
  const parts = path.split('.');
  parts.forEach((part, depth) => {
    const known = knownKeys(FineTuneSchema, recipe, parts.slice(0, depth));
    if (known.includes(part)) return;
    const guess = didYouMean(part, known);
    const parent = parts.slice(0, depth).join('.') || 'the recipe';
    const full = guess ? [...parts.slice(0, depth), guess, ...parts.slice(depth + 1)].join('.') : undefined;
    throw input(
      'unknown-field-path',
      where,
      `"${path}" names no field: ${parent} has no "${part}"`,
      full ? `did you mean "${full}"?` : `choose one of ${known.join(', ')}`,
    );
  });
}

function misfit(issue: FieldIssue, ablation: Ablation, index: number, locate: Locate): Problem {
  const path = formatPath(issue.path);
  const isSetBy = (field: string) => path === field || path.startsWith(`${field}.`);
  const set = Object.keys(ablation.set).find(isSetBy);
  // What fitted before the arm's value was put in does not for it, wherever it stands.
  const where = set !== undefined && !isSetBy(ablation.factor) ? ['set', set] : ['arms', index, 'value'];
  return {
    code: 'arm-does-not-fit',
    where: locate(where),
    what: `arm "${ablation.arms[index]?.name}": ${issue.what}`,
    why: `expected ${issue.expected}`,
    todo: issue.todo,
  };
}

function input(code: ErrorCode, where: string, what: string, todo: string): StintError {
  return new StintError({ code, where, what, todo });
}
