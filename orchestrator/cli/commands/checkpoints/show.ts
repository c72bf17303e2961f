import type { Evaluation } from '../../../comparison/comparison.ts';
import { evaluationsOf } from '../../../comparison/describe-arm.ts';
import { heldMilliseconds } from '../../../comparison/held-time.ts';
import { heldByPhase } from '../../../controller/held-by-phase.ts';
import { lookAtUnattended } from '../../../controller/look-at-unattended.ts';
import { controlLabel } from '../../../evaluation/control-summary.ts';
import type { Lineage } from '../../../registry/lineage.ts';
import { formatBytes, formatDeviceTime, formatPercent } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { findCheckpoint } from '../../find-checkpoint.ts';
import { modelFolder } from '../../model-folder.ts';
import { printJson } from '../../output.ts';
import { type Fact, renderFacts } from '../../render/facts.ts';

/** `stint checkpoints show CHECKPOINT`: its files, what it was made from, and the device time that its run held. */
export async function show(
  reference: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { output } = context;
  const checkpoint = await findCheckpoint(workplace.store, reference);
  const phases = await heldByPhase(
    workplace,
    await lookAtUnattended(workplace, [checkpoint.run]),
    checkpoint.run,
  );
  const gpuMilliseconds = heldMilliseconds(phases);
  const place = await modelFolder(workplace, checkpoint);
  const { id, digest, files, lineage, run, createdAt } = checkpoint;
  const evaluations = (await workplace.store.evaluations.of(digest)).flatMap(({ run: by, result }) =>
    evaluationsOf(result).map((row) => ({ run: by, ...row })),
  );
  if (options.json) {
    const registeredAt = new Date(createdAt).toISOString();
    const folder = 'folder' in place ? place.folder : null;
    printJson(output, {
      id,
      digest,
      files,
      lineage,
      run,
      gpuMilliseconds,
      folder,
      registeredAt,
      evaluations,
    });
    return 0;
  }
  const facts: readonly Fact[] = [
    ['checkpoint', id],
    ['digest', digest],
    ['folder', 'folder' in place ? place.folder : `on ${place.machine}`],
    ['registered', new Date(createdAt).toISOString()],
    ['run', `${run}, which has held ${formatDeviceTime(gpuMilliseconds)}`],
    ['recipe', lineage.recipe],
    ['dataset', lineage.dataset],
    ['model', lineage.model],
    ...contentFacts(lineage),
    ['code', lineage.code],
    ...evaluations.map((row): Fact => ['evaluated', evaluatedText(row)]),
    ...files.map((file): Fact => ['file', `${file.path}  ${formatBytes(file.bytes)}  ${file.sha256}`]),
  ];
  output.print(renderFacts(facts));
  return 0;
}

const evaluatedText = (row: Evaluation & { readonly run: string }): string =>
  `${row.benchmark} at ${controlLabel(row)}: ${formatPercent(row.accuracy)} of ${row.n} right (${formatPercent(row.low)} to ${formatPercent(row.high)}), by ${row.run}`;

/** What it read, where its content is known; the name of a model that has one is in its reference. */
function contentFacts({ inputs }: Lineage): readonly Fact[] {
  if (inputs === undefined) return [];
  const { model, dataset, benchmarks } = inputs;
  return [
    ...[model, dataset].flatMap((input) => (input ? [{ label: 'read', ...input }] : [])),
    ...benchmarks.map((input) => ({ label: 'evaluated on', ...input })),
  ].flatMap(({ label, name, sha256 }): readonly Fact[] => (sha256 ? [[label, `${name}  ${sha256}`]] : []));
}
