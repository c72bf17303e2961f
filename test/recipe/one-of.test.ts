import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import { oneOf } from '../../orchestrator/recipe/one-of.ts';

const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 6 });

test('what is in the list comes back, and what is not is told with all of the list', () => {
  fc.assert(
    fc.property(words, fc.string(), (choices, found) => {
      for (const each of choices) expect(oneOf('--stage', each, choices)).toBe(each);
      if (choices.includes(found)) return;
      try {
        oneOf('--stage', found, choices);
        expect.unreachable();
      } catch (error) {
        if (!isStintError(error)) throw error;
        expect(error).toMatchObject({ code: 'wrong-option', exitCode: 2 });
        const [problem] = error.problems;
        expect(problem?.what).toBe(`--stage is ${JSON.stringify(found)}`);
        for (const each of choices) expect(problem?.why).toContain(each);
      }
    }),
  );
});

test('what may have been meant is named, and programs know a refusal by its own code', () => {
  const choices = ['prepare', 'train', 'export', 'evaluate'];
  expect(() => oneOf('--stage', 'trian', choices, 'no-such-stage')).toThrow(
    expect.objectContaining({
      problems: [
        {
          code: 'no-such-stage',
          where: '--stage',
          what: '--stage is "trian"',
          why: 'expected one of prepare, train, export, evaluate',
          todo: 'did you mean "train"?',
        },
      ],
    }),
  );
  expect(() => oneOf('--stage', 'everything', choices)).toThrow(
    expect.objectContaining({ problems: [expect.objectContaining({ todo: 'name one of these' })] }),
  );
});
