import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { digestOf, sha256 } from '../../orchestrator/documents/digest.ts';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import type { Price } from '../../orchestrator/ledger/price.ts';
import { type Priced, priceOn } from '../../orchestrator/ledger/price-on.ts';
import { type Checkpoint, makeCheckpoint } from '../../orchestrator/registry/checkpoint.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';

/** A folder of its own, gone when the test has ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stint-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What profiles say, without a price book. */
export const listedPrice = (time: Priced): Price | null => priceOn(null, time);

/** Only the fields of the record itself matter to a store: what was asked for is kept as it is given. */
export function runRecord(facts: Partial<RunRecord> = {}): RunRecord {
  const recipe = { kind: 'FineTune', name: 'count "aloud"\n', training: { sequenceLength: 96 } };
  const asked = JSON.parse(
    JSON.stringify({
      recipe,
      profile: { name: 'laptop', device: { model: 'H100' } },
      plan: { steps: 3, gpuHours: { expected: 1, low: 1, high: 999 } },
    }),
  );
  return {
    id: 'r-000000000001',
    name: 'count',
    arm: 'long',
    ablation: { id: 'a-1', name: 'lengths' },
    factor: { path: 'training.sequenceLength', value: 96 },
    recipeDigest: digestOf(recipe),
    createdAt: 1_800_000_000_000,
    host: null,
    ...asked,
    ...facts,
  };
}

export function boundFact(run: string, pod: string, at = 1_000): LedgerFact {
  const where = { stage: 'train', attempt: 1, node: 'n0', deviceModel: 'H100', devices: 8 } as const;
  return { key: `${pod}:bound`, kind: 'bound', run, pod, at, ...where };
}

export function checkpoint(run: string, bytes = 10, createdAt = 5_000): Checkpoint {
  const files = [
    { path: 'model.safetensors', bytes, sha256: sha256(`weights ${bytes}`) },
    { path: 'config.json', bytes: 2, sha256: sha256('{}') },
  ];
  const lineage = { recipe: sha256('r'), dataset: sha256('d'), model: 'm@1', code: 'c', run };
  return makeCheckpoint(files, lineage, createdAt, sha256);
}
