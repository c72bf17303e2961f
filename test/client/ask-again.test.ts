import { expect, test } from 'vitest';
import { askAgain } from '../../orchestrator/client/ask-again.ts';
import { SilentServer } from '../../orchestrator/client/over-http.ts';
import { unreachable } from '../../orchestrator/client/request.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';

const { signal } = new AbortController();
const AT_IT = new StintError({ code: 'still-answering', what: 'it is being answered', todo: 'ask again' });
const silent = () => unreachable('http://stint', new SilentServer());

/** Throws these one after the other, then answers how often it was asked. */
function throwing(...errors: readonly Error[]) {
  let asked = 0;
  return async () => {
    const error = errors[asked++];
    if (error !== undefined) throw error;
    return asked;
  };
}

test('what takes long is waited for: after a silence, while the server says that it is at it', async () => {
  expect(await askAgain(signal, throwing(silent(), AT_IT), true)).toBe(3);
});

test('without a key, a silent server is not asked again', async () => {
  await expect(askAgain(signal, throwing(silent()))).rejects.toMatchObject({ code: 'server-unreachable' });
});

test('what the server refuses is asked once, and nothing is asked once somebody has ended it', async () => {
  const refused = new StintError({ code: 'not-allowed', what: 'no', todo: 'ask somebody else' });
  await expect(askAgain(signal, throwing(refused), true)).rejects.toBe(refused);
  await expect(askAgain(AbortSignal.abort(), throwing(AT_IT), true)).rejects.toBe(AT_IT);
});
