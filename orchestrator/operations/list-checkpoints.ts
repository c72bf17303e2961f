import type { Answer, Question } from '../contract/routes.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';
import { seenBy } from './seen-by.ts';

/** Every registered checkpoint that the caller may see, newest first. */
export async function listCheckpoints(
  {
    workplace: { store },
    caller,
  }: { readonly workplace: Pick<Desk['workplace'], 'store'>; readonly caller: Desk['caller'] },
  { run }: Question<'listCheckpoints'>,
): Promise<Answer<'listCheckpoints'>> {
  const of = run === undefined ? undefined : (await findRun(store, run, caller)).id;
  const all = await store.checkpoints.list(of === undefined ? {} : { run: of });
  return { checkpoints: (await seenBy(caller, store, all)).map(rowOf) };
}

const rowOf = ({ id, digest, run, files, createdAt }: Checkpoint) => ({
  id,
  digest,
  run,
  fileCount: files.length,
  bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  createdAt: new Date(createdAt).toISOString(),
});
