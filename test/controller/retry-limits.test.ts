import { expect, test } from 'vitest';
import { heldAsSeen } from '../../orchestrator/controller/retry-limits.ts';
import { boundAndEndedFacts } from '../../orchestrator/ledger/phase-facts.ts';
import type { Observation } from '../../orchestrator/run/job-facts.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { pod } from '../run/fixtures.ts';

test('what a run has held is read from its ledger when something new is seen of it, and not at every turn', async () => {
  const store = await openStore(':memory:');
  let reads = 0;
  const facts: typeof store.ledger.facts = async (runs) => {
    reads += 1;
    return store.ledger.facts(runs);
  };
  const workplace = { store: { ...store, ledger: { ...store.ledger, facts } }, now: () => 9_000 };
  const held = heldAsSeen(workplace, 'r1');
  const [nothing, ended]: readonly Observation[] = [
    { jobs: [], pods: [] },
    { jobs: [], pods: [pod({ boundAt: 1_000, endedAt: 3_000, devices: 8 })] },
  ];
  for (let turn = 0; turn < 5; turn++) expect(await held(nothing ?? null)).toBe(0);
  expect(reads).toBe(1);
  await store.ledger.record((ended?.pods ?? []).flatMap((each) => boundAndEndedFacts(each, {})));
  for (let turn = 0; turn < 5; turn++) expect(await held(ended ?? null)).toBe(16_000);
  expect(reads).toBe(2);
  await store.close();
});
