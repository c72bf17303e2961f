import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeState } from '../../../orchestrator/run/describe-state.ts';
import { openStore } from '../../../orchestrator/store/open-store.ts';
import { temporaryFolder } from '../../store/fixtures.ts';
import { hasRecordings, readRecording, runOf } from './recording.ts';
import { DEADLINES, type Delivery, type Outcome, replay } from './replay.ts';
import { ENDED_BY_OTHERS } from './table/ended-by-others.ts';
import { OWN_ENDS } from './table/own-ends.ts';
import type { Recorded } from './table/row.ts';

const TABLE = [...OWN_ENDS, ...ENDED_BY_OTHERS];

const load = ({ recording, owner = 'jobsets' }: Recorded) => readRecording(recording, owner);

/** Played into a store of its own: by run, what is to compare with the table. */
async function played(recorded: Recorded, delivery: Delivery = {}) {
  const store = await openStore(join(temporaryFolder(), 'stint.db'));
  const changes = load(recorded);
  const outcomes = await replay(
    store,
    changes,
    recorded.runs.map(({ run }) => runOf(run)),
    delivery,
  );
  await store.close();
  const names = new Map(changes.map(({ object: { metadata } }) => [metadata.uid, metadata.name]));
  return recorded.runs.map(({ run }) => {
    const outcome = outcomes.get(runOf(run));
    if (outcome === undefined) throw new Error(`${run} was not played`);
    return rowOf(run, outcome, names);
  });
}

function rowOf(run: string, outcome: Outcome, names: ReadonlyMap<string, string>) {
  const { run: state, pods, obstacles, statuses } = outcome;
  return {
    run,
    state: describeState(state.state),
    released: state.released,
    retries: state.retries,
    statuses,
    obstacles,
    ended: outcome.events.flatMap(({ event }) => {
      if (event.type !== 'attempt-ended') return [];
      const { attempt, exitClass: as, message: because, nodes, requeued } = event;
      return [{ attempt, as, because, ...(requeued && { requeued }), ...(nodes && { nodes }) }];
    }),
    pods: pods
      .map(({ pod, attempt, node, from, to, end, gpuMilliseconds }) => {
        const times = { from: timeOfDay(from), to: timeOfDay(to) };
        return { pod: names.get(pod) ?? pod, attempt, node, ...times, end, gpuMilliseconds };
      })
      .toSorted((a, b) => a.attempt - b.attempt || a.pod.localeCompare(b.pod)),
    gpuMilliseconds: pods.reduce((sum, pod) => sum + pod.gpuMilliseconds, 0),
  };
}

const timeOfDay = (at: number): string => new Date(at).toISOString().slice(11, 23).replace('.000', '');

/** What is written for good. What a look finds in between depends on when it comes. */
const settled = (rows: Recorded['runs'] | Awaited<ReturnType<typeof played>>) =>
  rows.map(({ run, state, released, retries, ended, pods, gpuMilliseconds }) => {
    return { run, state, released, retries, ended, pods, gpuMilliseconds };
  });

describe.skipIf(!hasRecordings).each(TABLE)('what a cluster told: $recording', (recorded) => {
  it('comes to the state, attempts and GPU-time of the table, through what it says in between', async () => {
    expect(await played(recorded)).toEqual(recorded.runs);
  });

  it('comes to the same when each change is told twice', async () => {
    expect(await played(recorded, { times: 2 })).toEqual(recorded.runs);
  });

  it('comes to the same from nothing but full lists', async () => {
    expect(await played(recorded, { relists: true })).toEqual(recorded.runs);
  });

  it('comes to the same when the controller forgets all but its store after each change and each record', async () => {
    expect(settled(await played(recorded, { dies: true }))).toEqual(settled(recorded.runs));
  });
});

describe.skipIf(!hasRecordings)('a controller that looks only now and then', () => {
  it.each(TABLE)('writes the same of $recording', async (recorded) => {
    const moments = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(moments, fc.boolean(), async (chosen, dies) => {
        const places = new Set(chosen.map((moment) => moment % load(recorded).length));
        const rows = await played(recorded, { looks: (place) => places.has(place), dies });
        expect(settled(rows)).toEqual(settled(recorded.runs));
      }),
      { numRuns: 6 },
    );
  });
});

describe.skipIf(!hasRecordings)('a node that does not answer for longer than it may', () => {
  it('has its attempt ended, which counts as that, however its pods then end', async () => {
    const store = await openStore(join(temporaryFolder(), 'stint.db'));
    const changes = readRecording('node-lost-flat', 'jobsets');
    const outcomes = await replay(store, changes, ['r-a'], {}, { ...DEADLINES, nodeLost: 5 });
    await store.close();
    const verdict = {
      attempt: 1,
      exitClass: 'infrastructure',
      message: 'the node gpu-1 of a-node-0-0-hrlkn does not answer; ended after 5.0 s of it',
      nodes: ['gpu-1'],
    };
    const { events, effects } = outcomes.get('r-a') ?? { events: [], effects: [] };
    const of = (type: string) => events.find(({ event }) => event.type === type)?.event;
    expect(of('attempt-condemned')).toMatchObject(verdict);
    expect(of('attempt-ended')).toMatchObject(verdict);
    expect(effects).toContainEqual({ do: 'stop', stage: 'train', attempt: 1 });
  });
});
