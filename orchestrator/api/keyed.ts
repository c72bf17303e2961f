import { createHash } from 'node:crypto';
import type { VerbName } from '../contract/verbs.ts';
import { KINDS } from '../errors/catalogue.ts';
import { isStintError, StintError } from '../errors/stint-error.ts';
import type { Once } from '../operations/desk.ts';
import type { AnswerStore } from '../ports/store.ts';

export interface Keyed {
  readonly caller: string;
  readonly key: string;
  readonly name: VerbName;
  readonly question: unknown;
}

/** The text of a token is kept nowhere: who loses it makes another one. */
const UNKEPT: ReadonlySet<VerbName> = new Set(['createToken']);

/**
 * Asks a question under a key: asked again, what was answered comes again, and nothing is done twice. What was refused has done
 * nothing, and may be asked again.
 *
 * @throws StintError `key-reused`, `still-answering`, and what `ask` throws.
 */
export async function askOnce(
  {
    answers,
    now,
    underWay,
  }: { readonly answers: AnswerStore; readonly now: () => number; readonly underWay: Set<string> },
  { caller, key, name, question }: Keyed,
  ask: (once: Once) => Promise<unknown>,
): Promise<{ readonly answer: unknown; readonly isReplayed: boolean }> {
  const digest = hex(JSON.stringify([name, question]));
  const place = `${caller}\0${key}`;
  // Before anything is waited for: two of the same in one process would both see that nobody is at it.
  if (underWay.has(place)) throw stillAnswering(key);
  underWay.add(place);
  try {
    const kept = await answers.begin({ caller, key, question: digest, at: now() });
    if (kept.question !== digest) throw reused(key);
    if (kept.answer !== null) return { answer: JSON.parse(kept.answer) as unknown, isReplayed: true };
    const seed = Number.parseInt(hex(place).slice(0, 8), 16);
    const answer = await ask({ at: kept.at, seed }).catch(async (error: unknown) => {
      // Of what broke nobody knows how far it came: asked again, it goes on from the same moment.
      if (isStintError(error) && KINDS[error.kind].status < 500) await answers.drop({ caller, key });
      throw error;
    });
    if (!UNKEPT.has(name)) await answers.finish({ caller, key, answer: JSON.stringify(answer ?? null) });
    return { answer, isReplayed: false };
  } finally {
    underWay.delete(place);
  }
}

/** @throws StintError `wrong-request`. */
export function keyOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e]{1,200}$/.test(header)) return header;
  throw new StintError({
    code: 'wrong-request',
    where: 'Idempotency-Key',
    what: 'the key cannot be used',
    why: 'expected 1 to 200 visible ASCII characters, such as a UUID',
    todo: 'send one of these, new for each question',
  });
}

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

const stillAnswering = (key: string): StintError =>
  new StintError({
    code: 'still-answering',
    where: key,
    what: 'the same question is being answered just now',
    todo: 'ask again in a moment, with the same key',
  });

const reused = (key: string): StintError =>
  new StintError({
    code: 'key-reused',
    where: key,
    what: 'another question was asked under this key',
    why: 'a key stands for one question for a week',
    todo: 'take a new key for each question',
  });
