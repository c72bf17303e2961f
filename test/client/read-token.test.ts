import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readToken } from '../../orchestrator/client/read-token.ts';
import { remoteStint } from '../../orchestrator/client/remote-stint.ts';
import { serveWorkplace } from '../api/serve-workplace.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';

const signal = new AbortController().signal;
const newFile = () => join(mkdtempSync(join(tmpdir(), 'stint-token-')), 'token');

test('a file that is written again is read again, for each request', async () => {
  const { url, tokenFor } = await serveWorkplace(await workplaceOfTests());
  const file = newFile();
  writeFileSync(file, `${await tokenFor({ name: 'ann', role: 'viewer', team: null })}\n`);
  const asked = remoteStint({
    url,
    signal,
    get token() {
      return readToken({ STINT_TOKEN_FILE: file });
    },
  });
  const list = () => asked.listRuns({ limit: 1 });
  expect((await list()).runs).toHaveLength(1);
  writeFileSync(file, 'no-token');
  await expect(list()).rejects.toThrow('does not know who asks');
  writeFileSync(file, await tokenFor({ name: 'bob', role: 'viewer', team: null }));
  expect((await list()).runs).toHaveLength(1);
});

test('what the environment holds itself goes first, and nothing is nothing', () => {
  expect(readToken({ STINT_TOKEN: 'own', STINT_TOKEN_FILE: '/nowhere' })).toBe('own');
  expect(readToken({ STINT_TOKEN: '', STINT_TOKEN_FILE: '' })).toBeFalsy();
  expect(() => readToken({ STINT_TOKEN_FILE: '/nowhere' })).toThrow(
    "the token's file cannot be read: /nowhere",
  );
});
