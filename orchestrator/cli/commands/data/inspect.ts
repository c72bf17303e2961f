import { readableHere } from '../../../controller/evidence-here.ts';
import { inspectKept } from '../../../controller/inspect-kept.ts';
import { loadRecipe } from '../../../documents/load-recipe.ts';
import { writeText } from '../../../documents/write-text.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { requestOf } from '../../../inspection/request-of.ts';
import { type DataReport, dataReport } from '../../../plan/data-report.ts';
import { DatasetSchema } from '../../../recipe/dataset.ts';
import type { InspectionRequest } from '../../../wire/inspection.ts';
import type { CliContext } from '../../context.ts';
import { dataHere } from '../../data-here.ts';
import { modelHere } from '../../model-here.ts';
import { type NamedFields, withFields } from '../../named-fields.ts';
import { printJson } from '../../output.ts';
import { dataText } from '../../render/data-text.ts';
import { showReading } from '../../show-reading.ts';
import { writeLengths } from '../../write-lengths.ts';

export interface InspectOptions extends NamedFields {
  readonly model?: string;
  readonly sequenceLength?: string;
  readonly writeLengths?: boolean;
  readonly svg?: string;
  readonly json?: boolean;
}

interface Asked {
  readonly request: InspectionRequest;
  readonly sequenceLength: number | null;
}

/**
 * `stint data inspect RECIPE|DATA [--model M]`: how data is read, how long it is in a model's tokens, and which rows have
 * what wrong. It reports: rows that are wrong are no failure of its own.
 */
export async function inspect(target: string, options: InspectOptions, context: CliContext): Promise<number> {
  const { output, home, dataReader } = context;
  const isRecipe = /\.ya?ml$/.test(target);
  if (options.writeLengths) requireOwnLengths(isRecipe, options);
  const asked = isRecipe ? await ofRecipe(target, options) : await ofData(target, options);
  const onRead = showReading(output, Date.now);
  const ask = (request: InspectionRequest) => inspectKept(dataReader, home, request, onRead);
  const inspection = await ask(await withFields(asked.request, options, ask));
  const report = dataReport(inspection, sequenceLengthOf(options) ?? asked.sequenceLength);
  if (options.json) printJson(output, report);
  else output.print(dataText(target, report, output.width));
  if (options.svg !== undefined) {
    await draw(options.svg, target, report);
    output.tell(`written: ${options.svg}`);
  }
  if (options.writeLengths) output.tell(`written: ${await writeLengths(target, inspection)}`);
  return 0;
}

/** Another model's tokens are no lengths of the recipe's own, and data has no place for them. */
function requireOwnLengths(isRecipe: boolean, { model }: InspectOptions): void {
  if (!isRecipe)
    throw wrongOption(
      '--write-lengths',
      'lengths are written into a recipe, and this is data',
      'name the recipe',
    );
  if (model !== undefined)
    throw wrongOption(
      '--model',
      'lengths that are written into a recipe count in the tokens of its own model',
      'leave out --model, or leave out --write-lengths',
    );
}

async function ofRecipe(file: string, options: InspectOptions): Promise<Asked> {
  const [arm] = (await loadRecipe(file)).arms;
  if (arm === undefined)
    throw wrongOption(file, 'a recipe of this kind has no data set', 'name a FineTune or Ablation recipe');
  const here = await readableHere(arm.recipe, file);
  const model = options.model === undefined ? undefined : { folder: (await modelHere(options.model)).folder };
  if ('why' in here)
    throw new StintError({
      code: 'data-not-here',
      blame: 'input',
      where: file,
      what: 'the data cannot be inspected on this machine',
      why: here.why ?? '',
      todo: 'do that, or run this where the data is',
    });
  const request = requestOf(arm.recipe, model === undefined ? here : { ...here, model });
  return { request, sequenceLength: arm.recipe.training.sequenceLength };
}

async function ofData(data: string, options: InspectOptions): Promise<Asked> {
  const found = await dataHere(process.cwd(), data, data);
  const model = options.model === undefined ? null : { folder: (await modelHere(options.model)).folder };
  const source = found.kind === 'file' ? { kind: 'file', path: data } : { ...found, split: 'train' };
  const { systemPrompt } = DatasetSchema.pick({ systemPrompt: true }).parse({});
  const files = found.kind === 'file' ? [...found.files] : null;
  const dataset = { source, files, fields: null, systemPrompt };
  return { request: { model, dataset, sequenceLength: null }, sequenceLength: null };
}

function sequenceLengthOf({ sequenceLength }: InspectOptions): number | undefined {
  if (sequenceLength === undefined) return undefined;
  const tokens = Number(sequenceLength);
  if (Number.isInteger(tokens) && tokens > 0) return tokens;
  throw wrongOption(
    '--sequence-length',
    `"${sequenceLength}" is no number of tokens`,
    'give a whole number, for example 4096',
  );
}

async function draw(file: string, title: string, report: DataReport): Promise<void> {
  if (report.lengths === null)
    throw wrongOption(
      '--svg',
      'without a model no length is known, so there is nothing to draw',
      'name a --model',
    );
  const [{ renderSvg }, { lengthChart }, { LIGHT }] = await Promise.all([
    import('../../../charts/render-svg.ts'),
    import('../../../comparison/chart/length-chart.ts'),
    import('../../../comparison/chart/palette.ts'),
  ]);
  const { sequenceLength } = report;
  await writeText(file, await renderSvg(lengthChart(report.lengths, { title, sequenceLength }, LIGHT)));
}

const wrongOption = (where: string, what: string, todo: string): StintError =>
  new StintError({ code: 'wrong-option', blame: 'input', where, what, todo });
