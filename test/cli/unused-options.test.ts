import { expect, test } from 'vitest';
import { compare } from '../../orchestrator/cli/commands/compare.ts';
import { show } from '../../orchestrator/cli/commands/eval/show.ts';
import { commandContext } from './command-context.ts';

/** Nothing is opened before the options are read. */
const { context } = commandContext({});

const refusal = (code: string, said: string) => ({
  problems: [{ code, what: expect.stringContaining(said) as string }],
});

test('an option that would do nothing is refused, and not passed over', async () => {
  const comparisons = [
    [{ tokens: true, html: 'a.html' }, '--html'],
    [{ tokens: true, svg: 'a.svg' }, '--svg'],
    [{ chart: 'flips' }, '--chart'],
  ] as const;
  for (const [options, said] of comparisons)
    await expect(compare(['r-1', 'r-2'], options, context)).rejects.toMatchObject(
      refusal('bad-option', said),
    );
  for (const option of ['question', 'benchmark'] as const)
    await expect(show('r-1', { against: 'r-2', [option]: '1' }, context)).rejects.toMatchObject(
      refusal('bad-option', `--${option}`),
    );
});

test('what is no number of a question is refused as it was written', async () => {
  for (const question of ['0', '-1', '1e3', '', 'seven', '9'.repeat(24)])
    await expect(show('r-1', { question }, context)).rejects.toMatchObject(
      refusal('wrong-option', `"${question}" is no number of a question`),
    );
});
