import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import { onTestFinished } from 'vitest';

export const AUDIENCE = 'stint';

export interface RealProvider {
  readonly issuer: string;
  /** An access token as a program gets it, by its own secret (RFC 6749, 4.4; RFC 9068). */
  readonly tokenOf: (program: string, claims?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** What the provider would not give: other claims, in its own hand unless another key is named. */
  readonly signed: (
    claims: Readonly<Record<string, unknown>>,
    how?: { readonly key?: CryptoKey; readonly alg?: string },
  ) => Promise<string>;
  /** From now on tokens are signed with another key. */
  readonly rotate: () => Promise<void>;
  readonly close: () => Promise<void>;
}

interface Key {
  readonly own: CryptoKey;
  readonly jwk: JWK;
}

async function newKey(kid: string): Promise<Key> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { own: privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg: 'RS256', use: 'sig' } };
}

/** An OpenID Connect provider (npm `oidc-provider`) on this machine, which knows the program `ci`. */
export async function realProvider(): Promise<RealProvider> {
  let handle: ReturnType<Provider['callback']> | undefined;
  let key = await newKey('first');
  const claimsOf = new Map<string, Readonly<Record<string, unknown>>>();
  const server = createServer((request, response) => void handle?.(request, response));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const begin = () => {
    handle = new Provider(issuer, {
      jwks: { keys: [key.jwk] },
      clients: ['ci', 'other'].map((client_id) => ({
        client_id,
        client_secret: 'a secret of tests',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      })),
      extraTokenClaims: (_, token) => claimsOf.get(String(token.clientId)),
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_, resource) => ({
            scope: '',
            audience: resource.replace('urn:', ''),
            accessTokenFormat: 'jwt',
            accessTokenTTL: 600,
          }),
        },
      },
    }).callback();
  };
  begin();
  const close = () =>
    new Promise<void>((closed) => void (server.closeAllConnections(), server.close(() => closed())));
  onTestFinished(close);
  return {
    issuer,
    close,
    async tokenOf(program, claims = {}) {
      claimsOf.set(program, claims);
      const body = new URLSearchParams({ grant_type: 'client_credentials', resource: `urn:${AUDIENCE}` });
      const authorization = `Basic ${btoa(`${program}:${encodeURIComponent('a secret of tests')}`)}`;
      const answer = await fetch(`${issuer}/token`, { method: 'POST', body, headers: { authorization } });
      const { access_token } = (await answer.json()) as { readonly access_token?: string };
      if (access_token === undefined) throw new Error(`no token: ${answer.status}`);
      return access_token;
    },
    signed: (claims, { key: with_ = key.own, alg = 'RS256' } = {}) =>
      new SignJWT({
        iss: issuer,
        aud: AUDIENCE,
        sub: 'ann',
        exp: Math.floor(Date.now() / 1000) + 600,
        ...claims,
      })
        .setProtectedHeader({ alg, kid: 'first' })
        .sign(with_),
    async rotate() {
      key = await newKey('second');
      begin();
    },
  };
}
