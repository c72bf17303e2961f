import { generateKeyPair, UnsecuredJWT } from 'jose';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { tokenVerifier } from '../../orchestrator/identity/token-verifier.ts';
import { AUDIENCE, realProvider } from './real-provider.ts';

const seconds = (from: number) => Math.floor(Date.now() / 1000) + from;

describe('tokens of a real provider', () => {
  test('one that is for this server holds, with what it says', async () => {
    const provider = await realProvider();
    const { verify } = tokenVerifier({ issuer: provider.issuer, audience: AUDIENCE });
    const token = await provider.tokenOf('ci', { groups: ['reasoning'] });
    expect(await verify(token)).toMatchObject({ sub: 'ci', groups: ['reasoning'] });
    expect(await verify(await provider.signed({}))).toMatchObject({ sub: 'ann' });
  });

  test('one of another key, audience or issuer, one that is over or not yet, one without an end or a bearer, holds not', async () => {
    const provider = await realProvider();
    const { verify } = tokenVerifier({ issuer: provider.issuer, audience: AUDIENCE });
    const { privateKey } = await generateKeyPair('RS256');
    const own = await provider.signed({});
    const [head, , signature] = own.split('.');
    const other = Buffer.from(JSON.stringify({ iss: provider.issuer, aud: AUDIENCE, sub: 'eve' }));
    const bad = [
      await provider.signed({}, { key: privateKey }),
      await provider.signed({ aud: 'another' }),
      await provider.signed({ aud: undefined }),
      await provider.signed({ iss: 'http://127.0.0.1:1' }),
      await provider.signed({ exp: seconds(-60) }),
      await provider.signed({ exp: undefined }),
      await provider.signed({ sub: undefined }),
      await provider.signed({ nbf: seconds(600) }),
      new UnsecuredJWT({ iss: provider.issuer, aud: AUDIENCE, sub: 'ann' }).setExpirationTime('1h').encode(),
      `${head}.${other.toString('base64url')}.${signature}`,
      'a.b.c',
    ];
    expect(await Promise.all(bad.map(verify))).toEqual(bad.map(() => null));
  });

  test('a secret that both know signs nothing, were it the provider’s public key', async () => {
    const provider = await realProvider();
    const { verify } = tokenVerifier({ issuer: provider.issuer, audience: AUDIENCE });
    const { keys } = (await (await fetch(`${provider.issuer}/jwks`)).json()) as {
      readonly keys: readonly object[];
    };
    const secret = await crypto.subtle.importKey(
      'raw',
      Buffer.from(JSON.stringify(keys[0])),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    expect(await verify(await provider.signed({}, { key: secret, alg: 'HS256' }))).toBeNull();
  });

  test('one that is signed with a key which came later holds, once the keys may be asked for again', async () => {
    const provider = await realProvider();
    const { verify } = tokenVerifier({ issuer: provider.issuer, audience: AUDIENCE });
    expect(await verify(await provider.tokenOf('ci'))).toMatchObject({ sub: 'ci' });
    await provider.rotate();
    const token = await provider.tokenOf('ci');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await verify(token)).toMatchObject({ sub: 'ci' });
  });
});

test('a provider that is away is no refusal of the token, and is asked again', async () => {
  const provider = await realProvider();
  const { verify } = tokenVerifier({ issuer: provider.issuer, audience: AUDIENCE });
  const token = await provider.tokenOf('ci');
  await provider.close();
  const error = await verify(token).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'identity-provider-unreachable', kind: 'unavailable' });
});

test('what is no provider, or calls itself otherwise, is told so', async () => {
  const provider = await realProvider();
  const told = async (issuer: string) =>
    tokenVerifier({ issuer, audience: AUDIENCE })
      .discover()
      .then(
        () => 'well',
        (error: { readonly code: string }) => error.code,
      );
  expect(await told(provider.issuer)).toBe('well');
  expect(await told(provider.issuer.replace('127.0.0.1', 'localhost'))).toBe('wrong-identity-provider');
  expect(await told(`${provider.issuer}/elsewhere`)).toBe('wrong-identity-provider');
});
