import { StintError } from '../errors/stint-error.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { Store } from '../store/port.ts';

/** @throws StintError `no-such-checkpoint`. */
export async function findCheckpoint(store: Store, reference: string): Promise<Checkpoint> {
  const found = await store.checkpoints.find(reference);
  if (found) return found;
  throw new StintError({
    code: 'no-such-checkpoint',
    where: reference,
    what: `there is no registered checkpoint "${reference}"`,
    todo: 'list them with `stint checkpoints ls`',
  });
}
