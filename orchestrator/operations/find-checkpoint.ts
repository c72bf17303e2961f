import { type Caller, OWNER, seesTeam } from '../contract/caller.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { Store } from '../store/port.ts';

/** @throws StintError `no-such-checkpoint`. */
export async function findCheckpoint(
  store: Store,
  reference: string,
  caller: Caller = OWNER,
): Promise<Checkpoint> {
  const found = await store.checkpoints.find(reference);
  if (found && (await isSeen(store, found, caller))) return found;
  throw new StintError({
    code: 'no-such-checkpoint',
    where: reference,
    what: `there is no registered checkpoint "${reference}"`,
    todo: 'list them with `stint checkpoints ls`',
  });
}

async function isSeen(store: Store, { run }: Checkpoint, caller: Caller): Promise<boolean> {
  return caller.team === null || seesTeam(caller, (await store.runs.find(run))?.recipe.team);
}
