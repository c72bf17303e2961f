import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { BudgetsSchema } from '../../orchestrator/budget/budgets.ts';
import { IdentityProviderSchema } from '../../orchestrator/contract/identity-provider.ts';
import { PriceBookSchema } from '../../orchestrator/ledger/price-book.ts';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { RecipeSchema } from '../../orchestrator/recipe/recipe.ts';

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
