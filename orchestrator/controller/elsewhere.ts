import { StintError } from '../errors/stint-error.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Workplace } from './workplace.ts';

/**
 * Where the run lives when that is not here: its pods are processes of another machine that shares the store, its files
 * are there, and from here nothing can be known of either.
 */
export function elsewhere({ host }: Pick<Workplace, 'host'>, record: Pick<RunRecord, 'host'>): string | null {
  return host === null || record.host === host ? null : record.host;
}

/** @throws StintError `run-is-elsewhere`. */
export function requireHere(
  workplace: Pick<Workplace, 'host'>,
  record: Pick<RunRecord, 'host' | 'id'>,
  todo: string,
): void {
  const place = elsewhere(workplace, record);
  if (place === null) return;
  throw new StintError({
    code: 'run-is-elsewhere',
    where: record.id,
    what: `${record.id} lives on ${machineOf(place)}, and this is another machine or another home folder`,
    why: 'a run of the local backend is processes and files of one machine; the store knows of it, and holds neither',
    todo: `${todo} there`,
  });
}

/** Without the mark that only tells places of one name apart. */
export const machineOf = (place: string): string => place.replace(/#[0-9a-f]+$/, '');
