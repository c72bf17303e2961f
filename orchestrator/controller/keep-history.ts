import type { RunRecord } from '../run/run-record.ts';
import type { Workplace } from './workplace.ts';

interface Keeping {
  /** Throws where this process may write nothing of the run any more. */
  readonly require: () => Promise<void>;
  readonly onWarning: (message: string) => void;
}

/**
 * Keeps in the run's folder what is recorded of it: before its cluster may forget anything of it, and when it has come to rest. A
 * folder that cannot be written holds nothing up, because the store has all of it; it is told.
 */
export async function keepHistory(
  { store, manifests }: Pick<Workplace, 'store' | 'manifests'>,
  record: RunRecord,
  { require, onWarning }: Keeping,
): Promise<void> {
  await require();
  const history = await store.histories.of(record.id);
  try {
    await manifests.keep(record, history);
  } catch (error) {
    onWarning(
      `what is recorded of ${record.id} is not kept in its folder, and could not be recovered without the store: ${String(error)}`,
    );
  }
}
