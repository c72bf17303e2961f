import { join } from 'node:path';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import type { Phase } from '../../orchestrator/wire/phase.ts';
import { runRecord } from '../store/fixtures.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 27, 12);
const DEVICES = 8;

interface PodStory {
  readonly pod: string;
  readonly node: string;
  readonly attempt?: number;
  readonly from: number;
  readonly phases: readonly (readonly [number, Phase])[];
  readonly to: number;
  readonly end: 'succeeded' | 'failed' | 'lost';
}

function facts(run: string, story: PodStory): readonly LedgerFact[] {
  const { pod, node, attempt = 1, from, phases, to, end } = story;
  const of = { run, pod };
  const place = { stage: 'train', attempt, node, deviceModel: 'H100-SXM5-80GB', devices: DEVICES } as const;
  return [
    { ...of, ...place, kind: 'bound', key: `${pod}:b`, at: from, capacity: 'reserved', region: 'eu-1' },
    ...phases.map(([at, phase], order) => ({
      ...of,
      kind: 'phase' as const,
      key: `${pod}:${order}`,
      at,
      phase,
      order,
    })),
    {
      ...of,
      kind: 'ended',
      key: `${pod}:e`,
      at: to,
      seen: end !== 'lost',
      ...(end !== 'lost' && { succeeded: end === 'succeeded' }),
    },
  ];
}

const asked = (recipe: object, price = 2): Pick<RunRecord, 'recipe' | 'profile'> =>
  JSON.parse(
    JSON.stringify({
      recipe: { kind: 'FineTune', ...recipe },
      profile: { name: 'h100-16', price: { currency: 'USD', perDeviceHour: price, source: 'list' } },
    }),
  );

/** Two runs of one recipe, one with a failed attempt over midnight, and pods of a run that nobody knows. */
export async function costlyStore(
  home: string,
): Promise<{ readonly store: Store; readonly workplace: Workplace }> {
  const store = await openStore(join(home, 'stint.db'));
  const whole = {
    name: 's1-32b',
    team: 'red',
    project: 'apollo',
    costCenter: 'CC-7',
    published: { gpuHours: 7, source: 'paper' },
  };
  await store.runs.create([
    runRecord({ id: 'r-1', name: 's1-32b', arm: 's1-32b', ablation: null, factor: null, ...asked(whole) }),
    runRecord({ id: 'r-2', name: 'count', arm: 'long', ...asked({ name: 'count', team: 'blue' }) }),
  ]);
  await store.ledger.record([
    ...facts('r-1', {
      pod: 'p-1',
      node: 'gpu-0',
      from: NOON,
      phases: [
        [NOON + HOUR / 4, 'loading'],
        [NOON + HOUR / 2, 'training'],
      ],
      to: NOON + 2 * HOUR,
      end: 'failed',
    }),
    ...facts('r-1', {
      pod: 'p-2',
      node: 'gpu-1',
      attempt: 2,
      from: NOON + 3 * HOUR,
      phases: [
        [NOON + 3.5 * HOUR, 'recomputing'],
        [NOON + 4 * HOUR, 'training'],
      ],
      to: NOON + 13 * HOUR,
      end: 'succeeded',
    }),
    ...facts('r-2', {
      pod: 'p-3',
      node: 'gpu-0',
      from: NOON,
      phases: [[NOON, 'training']],
      to: NOON + HOUR,
      end: 'succeeded',
    }),
  ]);
  const workplace = { store, now: () => NOON + 24 * HOUR } as Workplace;
  return { store, workplace };
}

/** Pods that nobody's record explains: no price is known for them. */
export const strangeFacts: readonly LedgerFact[] = facts('r-lost', {
  pod: 'p-9',
  node: 'gpu-2',
  from: NOON,
  phases: [
    [NOON, 'training'],
    [NOON + HOUR / 2, 'checkpointing'],
  ],
  to: NOON + HOUR,
  end: 'lost',
});
