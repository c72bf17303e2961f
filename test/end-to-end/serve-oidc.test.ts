// `stint serve --oidc`: people and programs come with the tokens of their own provider.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { AUDIENCE, realProvider } from '../identity/real-provider.ts';
import { serveHome } from './serve-home.ts';
import { BIN, newHome, stint } from './stint.ts';

test('a provider’s tokens do what its rules say, beside tokens of the server’s own, and the audit names their bearers', async () => {
  const [home, provider] = [await newHome(), await realProvider()];
  const file = join(home, 'oidc.yaml');
  await writeFile(
    file,
    `kind: IdentityProvider
issuer: ${provider.issuer}
audience: ${AUDIENCE}
roles:
  - {claim: groups, value: platform, role: admin}
  - {claim: groups, value: reasoning, role: viewer}
`,
  );
  const { url, token } = await serveHome(home, '--oidc', file);
  // Its rules name an admin: a token that nobody asked for would hold for ever.
  expect(token).toBeNull();
  const as = async (bearer: string, ...args: string[]) => {
    const env = { STINT_SERVER: url, STINT_TOKEN: bearer, STINT_HOME: '', STINT_STORE: '' };
    const { exitCode, stdout, stderr } = await execa(process.execPath, [BIN, ...args], {
      reject: false,
      env,
    });
    return { code: exitCode, stdout, stderr };
  };
  const viewer = await provider.tokenOf('ci', { groups: ['reasoning'] });
  expect(await as(viewer, 'runs', 'ls')).toMatchObject({ code: 0 });
  const denied = await as(viewer, 'tokens', 'create', 'bob');
  expect(denied).toMatchObject({ code: 2, stderr: expect.stringContaining('"oidc:ci" is a viewer') });
  const stranger = await as(await provider.tokenOf('other', { groups: ['sales'] }), 'runs', 'ls');
  expect(stranger).toMatchObject({ code: 2, stderr: expect.stringContaining('has no role on this server') });
  const unknown = await as(await provider.signed({ aud: 'another' }), 'runs', 'ls');
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('does not know who asks') });

  const admin = await provider.tokenOf('ci', { groups: ['platform'] });
  const made = await as(admin, 'tokens', 'create', 'bob', '--role', 'viewer', '--json');
  expect(made.code).toBe(0);
  const bob = (JSON.parse(made.stdout) as { readonly token: string }).token;
  await provider.close();
  // Its keys are known already; a token of the server's own needs none.
  for (const bearer of [viewer, bob]) expect(await as(bearer, 'runs', 'ls')).toMatchObject({ code: 0 });
  const log = await readFile(join(home, 'logs/stint.jsonl'), 'utf8');
  const lines = log.split('\n').filter((line) => line.includes('"audit"'));
  expect(lines.map((line) => (JSON.parse(line) as { audit: object }).audit)).toMatchObject([
    { caller: 'oidc:ci', verb: 'createToken', status: 403 },
    { caller: 'oidc:ci', verb: 'createToken', status: expect.any(Number) },
  ]);
});

test('a file that names no provider, or another one, is refused before anything is served', async () => {
  const [home, provider] = [await newHome(), await realProvider()];
  const file = join(home, 'oidc.yaml');
  const refused = async (text: string) => {
    await writeFile(file, text);
    const { code, stderr } = await stint(home, 'serve', '--listen', '127.0.0.1:0', '--oidc', file);
    expect(code).toBe(2);
    return stderr;
  };
  const rules = `audience: stint\nroles: [{claim: sub, value: ann, role: admin}]\n`;
  const wrong = await refused(`kind: IdentityProvider\nissuer: http://login.example.com\n${rules}`);
  expect(wrong).toContain('oidc.yaml:2');
  const other = provider.issuer.replace('127.0.0.1', 'localhost');
  expect(await refused(`kind: IdentityProvider\nissuer: ${other}\n${rules}`)).toContain(
    `it calls itself "${provider.issuer}"`,
  );
});
