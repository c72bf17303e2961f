import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { z } from 'zod';
import { BudgetsSchema } from '../../orchestrator/budget/budgets.ts';
import { IdentityProviderSchema } from '../../orchestrator/contract/identity-provider.ts';
import { PriceBookSchema } from '../../orchestrator/ledger/price-book.ts';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';
import { RecipeSchema } from '../../orchestrator/recipe/recipe.ts';
import { EVERY_FIELD } from '../profile/every-field.ts';
import { type Path, withValue } from './with-value.ts';

/** What the checks of a schema and of all within it say when they fail, where they say it in words of their own. */
function ownWords(schema: z.ZodType, seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const def = schema.def as unknown as Readonly<Record<string, unknown>>;
  const checks = (def['checks'] ?? []) as readonly z.core.$ZodCheck[];
  const said = [def, ...checks.map(({ _zod }) => _zod.def)].flatMap(({ error }) => {
    const text = typeof error === 'function' ? error({ code: 'custom', input: undefined }) : undefined;
    return typeof text === 'string' ? [text] : [];
  });
  const shape = Object.values((def['shape'] ?? {}) as Record<string, z.ZodType>);
  const options = (def['options'] ?? []) as readonly z.ZodType[];
  const items = (def['items'] ?? []) as readonly z.ZodType[];
  const parts = ['element', 'innerType', 'in', 'out', 'keyType', 'valueType', 'left', 'right', 'rest'];
  const inner = parts.map((part) => def[part] as z.ZodType | null | undefined);
  return [
    ...said,
    ...[...shape, ...options, ...items, ...inner].flatMap((each) => (each ? ownWords(each, seen) : [])),
  ];
}

describe('what a field is not', () => {
  it.each([
    ['recipe', RecipeSchema, 10],
    ['cluster profile', ClusterProfileSchema, 10],
    ['budgets', BudgetsSchema, 2],
    ['prices', PriceBookSchema, 2],
    ['identity provider', IdentityProviderSchema, 1],
  ] as const)('is told of a %s by what is expected there', (_, schema, atLeast) => {
    const words = ownWords(schema);
    expect(words.length).toBeGreaterThanOrEqual(atLeast);
    for (const text of words) expect(text).toMatch(/^expected /);
  });
});

const ODD = [null, undefined, '', 'x'.repeat(300), -1, 1.5, 1e300, [], {}];
const BUDGETS = {
  kind: 'Budgets',
  budgets: [
    { name: 'a', team: 'red', period: 'month', gpuHours: 100, from: '2026-01-01' },
    { name: 'b', project: 's1', period: 'total', cost: { amount: 5, currency: 'USD' } },
  ],
};
const TERMS = { capacity: 'spot', region: 'r', currency: 'USD', from: '2026-01-01', until: '2026-02-01' };
const PRICES = {
  kind: 'PriceBook',
  prices: [{ deviceModel: 'a', perDeviceHour: 2, source: 's', ...TERMS }],
};

/** Of every field, and of the first item of each list. */
function pathsIn(document: unknown, at: Path = []): Path[] {
  if (typeof document !== 'object' || document === null) return [at];
  return [
    at,
    ...(Array.isArray(document)
      ? pathsIn(document[0], [...at, 0])
      : Object.entries(document).flatMap(([key, value]) => pathsIn(value, [...at, key]))),
  ];
}

/** All that is said to be expected where something odd stands anywhere in a document. */
const said = (schema: z.ZodType, document: unknown): string[] =>
  pathsIn(document).flatMap((path) =>
    ODD.flatMap((value) => {
      const parsed = parseDocument(schema, withValue(document, path, value));
      return parsed.ok ? [] : parsed.issues.map(({ expected }) => expected);
    }),
  );

const shipped = async (name: string): Promise<unknown> =>
  parse(await readFile(fileURLToPath(new URL(`../../${name}`, import.meta.url)), 'utf8'));
const RECIPES = ['quickstart', 's1-32b', 'ablations/sequence-length', 'evaluate/s1-controls'];

describe('what is expected', () => {
  it.each([
    ['a cluster profile', ClusterProfileSchema, EVERY_FIELD],
    ['budgets', BudgetsSchema, BUDGETS],
    ['prices', PriceBookSchema, PRICES],
  ])('is said of %s in no words of a library, and as what belongs there', (_, schema, document) => {
    for (const text of new Set(said(schema, document))) expect(text).not.toMatch(OF_A_LIBRARY);
  });

  it.each(RECIPES)('is said of the recipe %s so, too', async (name) => {
    for (const text of new Set(said(RecipeSchema, await shipped(`recipes/${name}.yaml`))))
      expect(text).not.toMatch(OF_A_LIBRARY);
  });

  it.each([
    ['an arm without its value', ['arms', 0], { name: 'short' }, ['a value']],
    ['text in the place of a list', ['arms'], '', ['a list']],
    ['too few of a list', ['arms'], [], ['a list of at least 2']],
    ['a name that is too long', ['name'], 'x'.repeat(41), ['text of at most 40 characters']],
    ['nothing where text belongs', ['base'], '', ['text that is not empty']],
    ['a list where a map belongs', ['set'], [], ['a map of fields']],
  ] as const)('%s', async (_, path, value, expected) => {
    const recipe = await shipped('recipes/ablations/sequence-length.yaml');
    const parsed = parseDocument(RecipeSchema, withValue(recipe, path, value));
    expect(parsed.ok ? [] : parsed.issues.map((issue) => issue.expected)).toEqual(expected);
  });

  it('of a day is a day, and of a size or a duration its unit', () => {
    const budgets = parseDocument(BudgetsSchema, withValue(BUDGETS, ['budgets', 0, 'from'], '2026-02-30'));
    expect(budgets).toMatchObject({ issues: [{ expected: 'a day of the calendar such as 2026-11-01' }] });
    const profile = parseDocument(ClusterProfileSchema, withValue(EVERY_FIELD, ['grace'], '90'));
    expect(profile).toMatchObject({
      issues: [{ expected: 'a duration with its unit (ms, s, min, h, d), for example 90s' }],
    });
  });
});

/** Its types, its signs and its sentences; and what was found, which is told beside what is expected. */
const OF_A_LIBRARY = /[<>]=?\d|invalid|nonoptional|\brecord\b|received|too (small|big)|no unit/i;
