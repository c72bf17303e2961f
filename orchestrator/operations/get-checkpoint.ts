import type { EvaluationRow } from '../comparison/comparison.ts';
import { evaluationsOf } from '../comparison/describe-arm.ts';
import { heldMilliseconds } from '../comparison/held-time.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { runHeldByPhase } from '../controller/held-by-phase.ts';
import { lookAtUnattended } from '../controller/look-at-unattended.ts';
import { controlLabel } from '../evaluation/control-name.ts';
import { formatPercent } from '../units/format.ts';
import type { Desk } from './desk.ts';
import { findCheckpoint } from './find-checkpoint.ts';
import { modelFolder } from './model-folder.ts';
import { seenBy } from './seen-by.ts';

/** Its files, what it was made from, and the device time that its run held. @throws StintError `no-such-checkpoint`. */
export async function getCheckpoint(
  { workplace, caller }: Desk,
  { checkpoint }: Question<'getCheckpoint'>,
): Promise<Answer<'getCheckpoint'>> {
  const found = await findCheckpoint(workplace.store, checkpoint, caller);
  const sight = await lookAtUnattended(workplace, [found.run]);
  const phases = await runHeldByPhase(workplace, sight, found.run);
  const place = await modelFolder(workplace, found);
  const { store } = workplace;
  const results = await seenBy(caller, store, await store.evaluations.of(found.digest));
  const { recipe, dataset, model, code, inputs } = found.lineage;
  return {
    id: found.id,
    digest: found.digest,
    files: found.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
    lineage: { recipe, dataset, model, code, ...(inputs && { inputs: contentOf(inputs) }) },
    run: found.run,
    gpuMilliseconds: heldMilliseconds(phases),
    folder: 'folder' in place ? place.folder : null,
    machine: 'machine' in place ? place.machine : null,
    registeredAt: new Date(found.createdAt).toISOString(),
    evaluations: results.flatMap(({ run, result }) =>
      evaluationsOf(result).map((row) => evaluated(run, row)),
    ),
  };
}

const evaluated = (run: string, row: EvaluationRow) => ({
  run,
  ...row,
  summary: `${row.benchmark} at ${controlLabel(row)}: ${formatPercent(row.accuracy)} of ${row.n} right (${formatPercent(row.low)} to ${formatPercent(row.high)}), by ${run}`,
});

type Inputs = NonNullable<Answer<'getCheckpoint'>['lineage']['inputs']>;
type Content = Inputs['dataset'];

interface Read {
  readonly model: Content | null;
  readonly dataset: Content;
  readonly benchmarks: readonly Content[];
}

const contentOf = ({ model, dataset, benchmarks }: Read): Inputs => ({
  model: model && one(model),
  dataset: one(dataset),
  benchmarks: benchmarks.map(one),
});

const one = ({ name, sha256 }: Content): Content => ({ name, sha256 });
