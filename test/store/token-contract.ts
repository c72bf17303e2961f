import { expect, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';

const NAME_TAKEN = expect.objectContaining({ code: 'token-name-taken' }) as unknown;

/** The laws of `TokenStore`, for the store's contract. */
export function tokenLaws(store: () => Store): void {
  test('a token is found by its hash, its name is taken for ever, and it is revoked once', async () => {
    const token = {
      name: 'ann',
      hash: 'h1',
      role: 'operator',
      team: 'red',
      run: null,
      createdAt: 1,
      expiresAt: 9,
    } as const;
    await store().tokens.create(token);
    await store().tokens.create({ ...token, name: 'Ben', hash: 'h2', team: null, expiresAt: null });
    await expect(store().tokens.create({ ...token, hash: 'h3' })).rejects.toEqual(NAME_TAKEN);
    expect(await store().tokens.find('h1')).toEqual({ ...token, revokedAt: null });
    expect(await store().tokens.find('h3')).toBeNull();
    expect(await store().tokens.revoke('ann', 5)).toBe(true);
    expect(await store().tokens.revoke('ann', 6)).toBe(true);
    expect(await store().tokens.revoke('nobody', 6)).toBe(false);
    await expect(store().tokens.create({ ...token, hash: 'h3' })).rejects.toEqual(NAME_TAKEN);
    const all = await store().tokens.list();
    expect(all.map(({ name, revokedAt }) => [name, revokedAt])).toEqual([
      ['Ben', null],
      ['ann', 5],
    ]);
  });
}
