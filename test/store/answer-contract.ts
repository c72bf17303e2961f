import { expect, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';

const DAY = 86_400_000;

/** The laws of `AnswerStore`, for the store's contract. */
export function answerLaws(store: () => Store): void {
  test('a question under a key is kept with when it came first, until it is refused or a week is over', async () => {
    const { answers } = store();
    const asked = { caller: 'ann', key: 'k', question: 'q', at: 10 };
    expect(await answers.begin(asked)).toEqual({ question: 'q', at: 10, answer: null });
    expect(await answers.begin({ ...asked, question: 'other', at: 20 })).toEqual({
      question: 'q',
      at: 10,
      answer: null,
    });
    expect(await answers.begin({ ...asked, caller: 'ben', at: 30 })).toMatchObject({ at: 30 });
    await answers.finish({ caller: 'ann', key: 'k', answer: '{"a":1}' });
    expect(await answers.begin({ ...asked, at: 40 })).toEqual({ question: 'q', at: 10, answer: '{"a":1}' });
    await answers.drop({ caller: 'ben', key: 'k' });
    expect(await answers.begin({ ...asked, caller: 'ben', at: 50 })).toMatchObject({ at: 50 });
    expect(await answers.begin({ ...asked, at: 11 + 7 * DAY })).toMatchObject({
      at: 11 + 7 * DAY,
      answer: null,
    });
  });

  test('of two that ask at once under one key, both are told the same', async () => {
    const both = await Promise.all(
      [1, 2].map((at) => store().answers.begin({ caller: 'ann', key: 'k', question: 'q', at })),
    );
    expect(new Set(both.map(({ at }) => at)).size).toBe(1);
  });
}
