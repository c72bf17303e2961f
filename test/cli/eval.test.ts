import { expect, test } from 'vitest';
import { recompute } from '../../orchestrator/cli/commands/eval/paper.ts';
import { outputTo } from '../../orchestrator/cli/output.ts';

async function run(options: Parameters<typeof recompute>[0]): Promise<string> {
  let text = '';
  const stream = { write: (part: string) => ((text += part), true) };
  expect(await recompute(options, { output: outputTo(stream, stream) })).toBe(0);
  return text;
}

test('a paper’s table stands beside what its points give, and what they do not give is said', async () => {
  const text = await run({ paper: 's1' });
  expect(text).toMatch(/^budget forcing +100% +100% +14\.8 +15 +56\.7% +56\.7% /m);
  expect(text).toContain('Not reproducible: the scaling of rejection sampling, -35.');
  expect(text).toContain('no choice of one fewer gives all that is printed');
});

test('as a document it has every metric by method', async () => {
  expect(JSON.parse(await run({ paper: 's1', json: true }))).toMatchObject({
    control: { tokenConditional: 40, stepConditional: 60, classConditional: 50 },
    scaling: { budgetForcing: expect.closeTo(14.8, 1) as number },
    notReproducible: [{ method: 'rejectionSampling', metric: 'scaling', printed: -35 }],
  });
});

test('a paper that is not known is refused with those that are', async () => {
  await expect(run({ paper: 's2' })).rejects.toMatchObject({
    problems: [{ code: 'no-such-paper', todo: 'did you mean "s1"?' }],
  });
});
