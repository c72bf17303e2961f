import { describe, expect, test } from 'vitest';
import { callerOfClaims, IdentityProviderSchema } from '../../orchestrator/contract/identity-provider.ts';

const written = {
  kind: 'IdentityProvider',
  issuer: 'https://login.example.com',
  audience: 'stint',
  name: 'email',
  roles: [
    { claim: 'groups', value: 'platform', role: 'admin' },
    { claim: 'realm_access.roles', value: 'red', role: 'operator', team: 'red' },
    { claim: 'https://example.com/all.staff', value: 'yes', role: 'viewer' },
  ],
};
const provider = IdentityProviderSchema.parse(written);
const ANN = { email: 'ann@example.com', sub: '17' };

test('the first rule that a token meets counts', () => {
  const callerOf = (claims: object) => callerOfClaims({ ...ANN, ...claims }, provider).caller;
  const name = ANN.email;
  const all = 'https://example.com/all.staff';
  expect(callerOf({ groups: ['red', 'platform'], [all]: 'yes' })).toEqual({
    name,
    role: 'admin',
    team: null,
  });
  expect(callerOf({ groups: 'platform' })).toEqual({ name, role: 'admin', team: null });
  expect(callerOf({ realm_access: { roles: ['red'] }, [all]: 'yes' })).toEqual({
    name,
    role: 'operator',
    team: 'red',
  });
  expect(callerOf({ [all]: 'yes' })).toEqual({ name, role: 'viewer', team: null });
  for (const claims of [
    {},
    { groups: [] },
    { groups: ['platforms'] },
    { groups: { platform: true } },
    { realm_access: null },
  ])
    expect(callerOf(claims)).toBeNull();
});

test('a claim that no token of its own has is not found in what every object has', () => {
  const rule = { claim: 'constructor.name', value: 'Object', role: 'admin' } as const;
  expect(callerOfClaims(ANN, { ...provider, roles: [rule] }).caller).toBeNull();
});

describe('the name', () => {
  const nameOf = (claims: Readonly<Record<string, unknown>>, name: string) =>
    callerOfClaims(claims, { ...provider, name }).name;

  test('is that of nobody who has a token of this server', () => {
    expect(nameOf(ANN, 'sub')).toBe('oidc:17');
    expect(nameOf({ user: 'first' }, 'user')).toBe('oidc:first');
    expect(nameOf({ upn: 'ann@example.com' }, 'upn')).toBe('ann@example.com');
  });

  test('is no address that nobody has verified, no text of many lines, and no list', () => {
    expect(nameOf({ ...ANN, email_verified: true }, 'email')).toBe('ann@example.com');
    expect(nameOf({ ...ANN, email_verified: false }, 'email')).toBeNull();
    for (const user of ['ann\nroot', '', 'ann smith', ['ann'], 17, undefined])
      expect(nameOf({ user }, 'user')).toBeNull();
  });
});

test('tokens come over TLS, or from this machine', () => {
  const takes = (issuer: string) => IdentityProviderSchema.safeParse({ ...written, issuer }).success;
  for (const issuer of [
    'https://a.example/realms/ml',
    'http://127.0.0.1:8080',
    'http://localhost:1',
    'http://[::1]:1',
  ])
    expect(`${issuer} ${takes(issuer)}`).toBe(`${issuer} true`);
  for (const issuer of [
    'http://a.example',
    'ftp://a.example',
    'login.example.com',
    'http://127.evil.example',
    '',
  ])
    expect(`${issuer} ${takes(issuer)}`).toBe(`${issuer} false`);
});
