import { createHash, randomBytes } from 'node:crypto';
import type { Answer, Question } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import { findRun } from './find-runs.ts';
import { tokenAnswer } from './token-answer.ts';

const DAY_MILLISECONDS = 24 * 3_600_000;
/** Of chance; nobody guesses them, so a plain hash of the text keeps it. */
const BYTES = 32;
/** By it, whoever finds a token in a log or a file knows what it opens. */
const MARK = 'stint_';

/** What the store knows of a token's text. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** @throws StintError `token-name-taken`; `no-such-run`. */
export async function createToken(
  { store, now }: Pick<Workplace, 'store' | 'now'>,
  { name, role, team, run, days }: Question<'createToken'>,
): Promise<Answer<'createToken'>> {
  const token = `${MARK}${randomBytes(BYTES).toString('base64url')}`;
  const createdAt = now();
  const record = {
    name,
    hash: hashOf(token),
    // Who may only report needs no more than the least.
    role: run === undefined ? role : 'viewer',
    team: team ?? null,
    run: run === undefined ? null : (await findRun(store, run)).id,
    createdAt,
    expiresAt: days === undefined ? null : Math.ceil(createdAt + days * DAY_MILLISECONDS),
  };
  await store.tokens.create(record);
  return { token, ...tokenAnswer({ ...record, revokedAt: null }, createdAt) };
}
