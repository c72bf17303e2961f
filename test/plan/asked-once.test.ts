import { expect, it } from 'vitest';
import { askedOnce } from '../../orchestrator/plan/asked-once.ts';

const known = (name: string, repeated?: number) => ({
  name,
  rows: 1_000,
  longestPromptTokens: 9,
  ...(repeated !== undefined && { repeated }),
});

it('warns of questions that are asked again, and says nothing of others or of what was not counted', () => {
  expect(askedOnce([known('own', 0), known('older')])).toEqual([]);
  const [verdict, ...more] = askedOnce([known('own', 3), known('other', 0), known('third', 1)]);
  expect(more).toEqual([]);
  expect(verdict).toMatchObject({ name: 'asked-once', ok: false, refuses: false });
  expect(verdict?.message).toMatch(
    /^3 of 1,000 questions of own .*; 1 of 1,000 questions of third .*: intervals/,
  );
});
