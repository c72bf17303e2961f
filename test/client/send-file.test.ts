import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { remoteStint } from '../../orchestrator/client/remote-stint.ts';
import { sendFile } from '../../orchestrator/client/send-file.ts';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { serveWorkplace } from '../api/serve-workplace.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const { signal } = new AbortController();
/** More than what is read at once. */
const TEXT = 'reasoning '.repeat(100_000);
const CONTENT = sha256(TEXT);

async function open(role: 'operator' | 'viewer') {
  const { url, tokenFor, audited } = await serveWorkplace(await workplaceOfTests());
  const server = { url, token: await tokenFor({ name: 'ann', role, team: null }), signal };
  const path = join(temporaryFolder(), 'traces.jsonl');
  writeFileSync(path, TEXT);
  return { server, path, audited, stint: remoteStint(server) };
}

test('a file is sent once, and known by its digest from then on', async () => {
  const { server, path, audited, stint } = await open('operator');
  expect(await stint.findMissingFiles({ files: [CONTENT] })).toEqual({ missing: [CONTENT] });
  await sendFile(server, { path, sha256: CONTENT });
  await sendFile(server, { path, sha256: CONTENT });
  expect(await stint.findMissingFiles({ files: [CONTENT] })).toEqual({ missing: [] });
  expect(audited.filter(({ verb }) => verb === 'sendFile')).toHaveLength(2);
});

test('what is not the content that was named is not kept, and nothing else is taken there', async () => {
  const { server, path, stint } = await open('operator');
  const other = sha256('something else');
  await expect(sendFile(server, { path, sha256: other })).rejects.toMatchObject({ code: 'upload-differs' });
  expect(await stint.findMissingFiles({ files: [other] })).toEqual({ missing: [other] });
  const put = async (content: string, type: string) =>
    fetch(`${server.url}/api/v1/files/${content}`, {
      method: 'PUT',
      body: '{}',
      headers: { authorization: `Bearer ${server.token}`, 'content-type': type },
    });
  expect((await put('..%2F..%2Fetc', 'application/octet-stream')).status).toBe(400);
  expect((await put(CONTENT, 'application/json')).status).toBe(400);
});

test('who only looks sends nothing', async () => {
  const { server, path } = await open('viewer');
  await expect(sendFile(server, { path, sha256: CONTENT })).rejects.toMatchObject({ code: 'not-allowed' });
});
