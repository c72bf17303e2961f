import { expect, test } from 'vitest';
import { readRun } from '../../orchestrator/controller/read-run.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';

type Answer = (signal: AbortSignal) => Promise<IteratorReturnResult<undefined>>;

/** A look at a cluster whose watch answers so. */
function readOf(answer: Answer, until: AbortSignal) {
  const watch: Cluster['watch'] = (_, { signal }) => ({
    [Symbol.asyncIterator]: () => ({ next: () => answer(signal) }),
  });
  return readRun({ watch } as Cluster, 'r1', until);
}

const END = { done: true, value: undefined } as const;
const aborted = (signal: AbortSignal) => new Promise((done) => signal.addEventListener('abort', done));

test.each([
  ['ends', async (signal: AbortSignal) => aborted(signal).then(() => END)],
  [
    'breaks off',
    async (signal: AbortSignal) => aborted(signal).then(() => Promise.reject(new Error('aborted'))),
  ],
] as const)(
  'a cluster that has not answered in time is said to be late, where its watch then %s',
  async (_, answer) => {
    await expect(readOf(answer, AbortSignal.timeout(10))).rejects.toThrow(
      /^the cluster did not say in time what it knows of r1$/,
    );
  },
);

test('what it has answered before is told as it is', async () => {
  const refused = () => Promise.reject(new Error('you may not list pods'));
  await expect(readOf(refused, AbortSignal.timeout(60_000))).rejects.toThrow('you may not list pods');
});
