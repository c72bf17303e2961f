import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Claims, IdentityProvider } from '../contract/identity-provider.ts';
import { StintError } from '../errors/stint-error.ts';

/** What the provider says of itself, as far as it is needed (OpenID Connect Discovery 1.0, section 3). */
const DiscoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** Public keys alone: a provider's secret is nobody else's to hold, and `none` is no signature (RFC 8725, 3.1). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const WITHIN_MS = 5_000;
/** Clocks of provider and server differ. */
const SKEW_SECONDS = 30;

export interface TokenVerifier {
  /** What a token says, where it was signed by the provider, for this server, and has not expired; else null. */
  readonly verify: (token: string) => Promise<Claims | null>;
  /** Asks the provider for what it says of itself. @throws StintError `wrong-identity-provider`, `identity-provider-unreachable` */
  readonly discover: () => Promise<void>;
}

/** Keys are asked for once, and again when a token names another one. */
export function tokenVerifier({
  issuer,
  audience,
}: Pick<IdentityProvider, 'issuer' | 'audience'>): TokenVerifier {
  let found: Promise<JWTVerifyGetKey> | undefined;
  const keys = (): Promise<JWTVerifyGetKey> => {
    found ??= keysOf(issuer).catch((error: unknown) => {
      // The next one asks again.
      found = undefined;
      throw error;
    });
    return found;
  };
  return {
    discover: async () => void (await keys()),
    async verify(token) {
      const key = await keys();
      try {
        const { payload } = await jwtVerify(token, key, {
          issuer,
          audience,
          algorithms: ALGORITHMS,
          clockTolerance: SKEW_SECONDS,
          requiredClaims: ['exp', 'sub'],
        });
        return payload;
      } catch (error) {
        if (isProvidersFault(error)) throw unreachable(issuer, error);
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}

/** Of JOSE's errors these tell of the keys' way here and not of the token; a failed fetch is a TypeError, and a bad answer a plain JOSEError. */
const isProvidersFault = (error: unknown): boolean =>
  error instanceof errors.JWKSTimeout ||
  error instanceof errors.JWKSInvalid ||
  error instanceof TypeError ||
  (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC');

async function keysOf(issuer: string): Promise<JWTVerifyGetKey> {
  const where = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(where, { signal: AbortSignal.timeout(WITHIN_MS), redirect: 'error' }).catch(
    (error: unknown) => {
      throw unreachable(where, error);
    },
  );
  if (answer.status >= 500) throw unreachable(where, new Error(`it answers ${answer.status}`));
  const said = DiscoverySchema.safeParse(answer.ok ? await answer.json().catch(() => null) : null);
  if (!said.success)
    throw wrong(where, `it answers ${answer.status}, and not with what a provider says of itself`);
  if (said.data.issuer !== issuer) throw wrong(where, `it calls itself ${JSON.stringify(said.data.issuer)}`);
  return createRemoteJWKSet(new URL(said.data.jwks_uri), { timeoutDuration: WITHIN_MS });
}

const wrong = (where: string, why: string): StintError =>
  new StintError({
    code: 'wrong-identity-provider',
    where,
    what: 'this is not the OpenID Connect provider that `issuer` names',
    why,
    todo: 'write `issuer` as the provider writes it in its tokens, to the letter',
  });

const unreachable = (where: string, cause: unknown): StintError =>
  new StintError(
    {
      code: 'identity-provider-unreachable',
      where,
      what: 'the identity provider does not answer',
      why: cause instanceof Error ? reasonOf(cause) : String(cause),
      todo: 'try again when it does; tokens that Stint has made hold meanwhile',
    },
    { cause },
  );

/** `fetch failed` says nothing; its cause does. */
const reasonOf = ({ message, cause }: Error): string =>
  cause instanceof Error && cause.message !== '' ? cause.message : message;
