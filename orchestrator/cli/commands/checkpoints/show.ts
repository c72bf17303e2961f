import type { Answer } from '../../../contract/routes.ts';
import { formatBytes, formatDeviceTime } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { type Fact, renderFacts } from '../../render/facts.ts';

type Lineage = Answer<'getCheckpoint'>['lineage'];

/** `stint checkpoints show CHECKPOINT`: its files, what it was made from, and the device time that its run held. */
export async function show(
  reference: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.getCheckpoint({ checkpoint: reference });
  if (options.json) {
    printJson(output, answer);
    return 0;
  }
  const { id, digest, files, lineage, run, gpuMilliseconds, folder, machine, registeredAt, evaluations } =
    answer;
  const facts: readonly Fact[] = [
    ['checkpoint', id],
    ['digest', digest],
    ['folder', folder ?? `on ${machine}`],
    ['registered', registeredAt],
    ['run', `${run}, which has held ${formatDeviceTime(gpuMilliseconds)}`],
    ['recipe', lineage.recipe],
    ['dataset', lineage.dataset],
    ['model', lineage.model],
    ...contentFacts(lineage),
    ['code', lineage.code],
    ...evaluations.map((row): Fact => ['evaluated', row.summary]),
    ...files.map((file): Fact => ['file', `${file.path}  ${formatBytes(file.bytes)}  ${file.sha256}`]),
  ];
  output.print(renderFacts(facts));
  return 0;
}

/** What it read, where its content is known; the name of a model that has one is in its reference. */
function contentFacts({ inputs }: Lineage): readonly Fact[] {
  if (inputs === undefined) return [];
  const { model, dataset, benchmarks } = inputs;
  return [
    ...[model, dataset].flatMap((input) => (input ? [{ label: 'read', ...input }] : [])),
    ...benchmarks.map((input) => ({ label: 'evaluated on', ...input })),
  ].flatMap(({ label, name, sha256 }): readonly Fact[] => (sha256 ? [[label, `${name}  ${sha256}`]] : []));
}
