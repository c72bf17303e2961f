import { expect, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';

/** The laws of `ReportStore`, for the store's contract. */
export function reportLaws(store: () => Store, { id: run }: Pick<RunRecord, 'id'>): void {
  test('the last that a trainer has said is kept, and that of another run is another', async () => {
    const { reports } = store();
    expect(await reports.find(run)).toBeNull();
    await reports.keep(run, {
      at: 1,
      status: { progressPercentage: 1, metrics: [{ name: 'loss', value: '2' }] },
    });
    await reports.keep(run, { at: 2, status: { estimatedRemainingSeconds: 9 } });
    expect(await reports.find(run)).toEqual({ at: 2, status: { estimatedRemainingSeconds: 9 } });
    expect(await reports.find('another')).toBeNull();
  });
}
