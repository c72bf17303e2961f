import { type Caller, OWNER } from '../contract/caller.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import { seenBy } from './seen-by.ts';

/** @throws StintError `no-such-checkpoint`. */
export async function findCheckpoint(
  store: Store,
  reference: string,
  caller: Caller = OWNER,
): Promise<Checkpoint> {
  const found = await store.checkpoints.find(reference);
  const [seen] = await seenBy(caller, store, found === null ? [] : [found]);
  if (seen) return seen;
  throw new StintError({
    code: 'no-such-checkpoint',
    where: reference,
    what: `there is no registered checkpoint "${reference}"`,
    todo: 'list them with `stint checkpoints ls`',
  });
}
