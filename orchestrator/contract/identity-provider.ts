import { z } from 'zod';
import { Name } from '../recipe/name.ts';
import type { Caller } from './caller.ts';
import { ROLES } from './roles.ts';

const Claim = z.string().min(1).max(200);

const RoleRule = z.strictObject({
  claim: Claim.meta({
    description:
      'Of the token: `groups`, `email`, or a path as `realm_access.roles`, where no claim is called so as a whole.',
  }),
  value: z.string().min(1).meta({ description: 'The claim is this text, or a list that holds it.' }),
  role: z.enum(ROLES),
  team: Name.optional().meta({ description: 'The one team that it is for; without it, all.' }),
});

/** Tokens on this machine's own loopback may come over plain HTTP: nobody else hears them. */
const isSafe = (url: URL): boolean =>
  url.protocol === 'https:' ||
  (url.protocol === 'http:' && /^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname));

/** An OpenID Connect provider whose tokens a server takes, and what their bearers may do. */
export const IdentityProviderSchema = z.strictObject({
  kind: z.literal('IdentityProvider'),
  issuer: z
    .url()
    .refine((text) => URL.canParse(text) && isSafe(new URL(text)), {
      message: 'expected an https:// address',
    })
    .meta({ description: 'As its tokens name it in `iss`, to the letter.' }),
  audience: z
    .string()
    .min(1)
    .meta({ description: 'What its tokens for this server name in `aud`: a client id, or a resource.' }),
  name: Claim.default('sub').meta({
    description: 'The claim that names a person: email, preferred_username.',
  }),
  roles: z
    .array(RoleRule)
    .min(1)
    .meta({ description: 'The first that a token meets counts. Whoever meets none may do nothing.' }),
});
export type IdentityProvider = z.output<typeof IdentityProviderSchema>;

/** What a token says of its bearer, once it was verified. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * On whose behalf the bearer of a verified token asks. Names of tokens that a server made have neither `@` nor `:`, so nobody
 * is taken for one of these in the audit.
 *
 * @returns Null where no rule gives it a role, or nothing names it; with the name, where there is one.
 */
export function callerOfClaims(
  claims: Claims,
  { name: nameClaim, roles }: Pick<IdentityProvider, 'name' | 'roles'>,
): { readonly name: string | null; readonly caller: Caller | null } {
  const name = nameOf(claims, nameClaim);
  const rule = roles.find(({ claim, value }) => says(at(claims, claim), value));
  if (name === null || rule === undefined) return { name, caller: null };
  return { name, caller: { name, role: rule.role, team: rule.team ?? null } };
}

/** An address that its provider has not verified could be anybody's. */
function nameOf(claims: Claims, claim: string): string | null {
  const name = at(claims, claim);
  if (typeof name !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(name)) return null;
  if (claim === 'email') return claims['email_verified'] === false ? null : name;
  return name.includes('@') ? name : `oidc:${name}`;
}

const says = (found: unknown, value: string): boolean =>
  Array.isArray(found) ? found.includes(value) : found === value;

function at(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((inside, key) => {
    const isObject = typeof inside === 'object' && inside !== null && Object.hasOwn(inside, key);
    return isObject ? (inside as Claims)[key] : undefined;
  }, claims);
}
