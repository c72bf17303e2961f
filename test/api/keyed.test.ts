import { expect, test } from 'vitest';
import { askOnce, keyOf } from '../../orchestrator/api/keyed.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { Once } from '../../orchestrator/operations/desk.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';

async function desk() {
  const { answers } = await openStore(':memory:');
  let now = 100;
  return { answers, now: () => now++, underWay: new Set<string>() };
}

const ASKED = { caller: 'ann', key: 'k', name: 'cancelRuns', question: { runs: ['r-1'] } } as const;

test('asked again the same is answered, and nothing is done twice', async () => {
  const at = await desk();
  let times = 0;
  const ask = async () => ({ times: ++times });
  expect(await askOnce(at, ASKED, ask)).toEqual({ answer: { times: 1 }, isReplayed: false });
  expect(await askOnce(at, ASKED, ask)).toEqual({ answer: { times: 1 }, isReplayed: true });
  expect(await askOnce(at, { ...ASKED, caller: 'ben' }, ask)).toMatchObject({ answer: { times: 2 } });
  await expect(askOnce(at, { ...ASKED, question: { runs: ['r-2'] } }, ask)).rejects.toMatchObject({
    code: 'key-reused',
  });
  expect(times).toBe(2);
});

test('while it is being answered it is not begun a second time', async () => {
  const at = await desk();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = askOnce(at, ASKED, async () => promise);
  await expect(askOnce(at, ASKED, async () => null)).rejects.toMatchObject({ code: 'still-answering' });
  resolve();
  await first;
});

test('what was refused may be asked again as if it were new; what broke goes on from its first moment', async () => {
  const at = await desk();
  const seen: Once[] = [];
  const failing = (code: 'over-budget' | 'store-unreachable') => async (once: Once) => {
    seen.push(once);
    throw new StintError({ code, what: 'no', todo: 'wait' });
  };
  await expect(askOnce(at, ASKED, failing('over-budget'))).rejects.toThrow('no');
  await expect(askOnce(at, ASKED, failing('store-unreachable'))).rejects.toThrow('no');
  await expect(askOnce(at, ASKED, failing('store-unreachable'))).rejects.toThrow('no');
  const [refused, broken, again] = seen;
  expect(broken?.at).not.toBe(refused?.at);
  expect(again).toEqual(broken);
});

test('the text of a token is not kept', async () => {
  const at = await desk();
  const token = { ...ASKED, name: 'createToken', question: { name: 'ben' } } as const;
  await askOnce(at, token, async () => ({ token: 'stint_secret' }));
  const kept = await at.answers.begin({ caller: 'ann', key: 'k', question: '', at: 0 });
  expect(JSON.stringify(kept)).not.toContain('secret');
});

test.each(['', 'a b', 'ä', 'x'.repeat(201), 'a\nb'])('%j is no key', (key) => {
  expect(() => keyOf(key)).toThrow(/cannot be used/);
});
