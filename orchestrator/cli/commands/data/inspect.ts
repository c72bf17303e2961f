import { isDeepStrictEqual } from 'node:util';
import { readableHere } from '../../../controller/evidence-here.ts';
import { inspectKept } from '../../../controller/inspect-kept.ts';
import { askedAs } from '../../../documents/asked-as.ts';
import { type LoadedArm, loadRecipe } from '../../../documents/load-recipe.ts';
import { writeText } from '../../../documents/write-text.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { requestOf } from '../../../inspection/request-of.ts';
import { type DataReport, dataReport } from '../../../plan/data-report.ts';
import { DatasetSchema } from '../../../recipe/dataset.ts';
import type { Inspection, InspectionRequest } from '../../../wire/inspection.ts';
import type { CliContext } from '../../context.ts';
import { dataHere, type NamedSplit } from '../../data-here.ts';
import { modelHere } from '../../model-here.ts';
import { type NamedFields, withFields } from '../../named-fields.ts';
import { printJson } from '../../output.ts';
import { dataText } from '../../render/data-text.ts';
import { showReading } from '../../show-reading.ts';
import { writeLengths } from '../../write-lengths.ts';

export interface InspectOptions extends NamedFields, NamedSplit {
  readonly model?: string;
  readonly sequenceLength?: string;
  readonly writeLengths?: boolean;
  readonly svg?: string;
  readonly json?: boolean;
}

interface Asked {
  readonly request: InspectionRequest;
  /** Those that it is asked for; none where data itself is named. */
  readonly arms: readonly string[];
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
  const asked = isRecipe ? await ofRecipe(target, options) : [await ofData(target, options)];
  const onRead = showReading(output, Date.now);
  const ask = (request: InspectionRequest) => inspectKept(dataReader, home, request, onRead);
  const found: Found[] = [];
  for (const each of asked) {
    const inspection = await ask(await withFields(each.request, options, ask));
    const report = dataReport(inspection, sequenceLengthOf(options) ?? each.sequenceLength);
    found.push({ arms: each.arms, inspection, report });
  }
  const [first, ...others] = found;
  if (first === undefined) throw new Error('something was asked');
  if (others.length > 0) requireOne(options, target);
  if (options.json)
    printJson(
      output,
      others.length === 0
        ? first.report
        : { ...first.report, arms: found.map(({ arms, report }) => ({ names: arms, ...report })) },
    );
  else
    output.print(
      found
        .map(({ arms, report }) => {
          const of =
            others.length === 0
              ? target
              : `${target}, ${arms.length > 1 ? 'arms' : 'arm'} ${arms.join(', ')}`;
          return dataText(of, report, output.width);
        })
        .join('\n\n'),
    );
  if (options.svg !== undefined) {
    await draw(options.svg, target, first.report);
    output.tell(`written: ${options.svg}`);
  }
  if (options.writeLengths) output.tell(`written: ${await writeLengths(target, first.inspection)}`);
  return 0;
}

interface Found {
  readonly arms: readonly string[];
  readonly inspection: Inspection;
  readonly report: DataReport;
}

/** What is drawn, or written into a recipe, is of one dataset. */
function requireOne({ svg, writeLengths: writes }: InspectOptions, target: string): void {
  if (svg === undefined && !writes) return;
  throw wrongOption(
    svg === undefined ? '--write-lengths' : '--svg',
    `the arms of ${target} differ in data or model, so that there are several lengths`,
    'name the recipe of one arm, or its data',
  );
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

/** One question for each set of arms that read the same with the same model. */
async function ofRecipe(file: string, options: InspectOptions): Promise<readonly Asked[]> {
  const { arms } = await loadRecipe(file);
  if (arms.length === 0)
    throw wrongOption(file, 'a recipe of this kind has no dataset', 'name a FineTune or Ablation recipe');
  if (options.split !== undefined || options.config !== undefined)
    throw wrongOption(
      options.split === undefined ? '--config' : '--split',
      'a recipe says itself which split it reads',
      `change ${file}, or name the repository`,
    );
  const asked: Asked[] = [];
  for (const arm of arms) {
    const one = await ofArm(file, arm, options);
    const same = asked.find(({ request }) => isDeepStrictEqual(request, one.request));
    if (same === undefined) asked.push(one);
    else asked[asked.indexOf(same)] = { ...same, arms: [...same.arms, arm.name] };
  }
  return asked;
}

async function ofArm(file: string, arm: LoadedArm, options: InspectOptions): Promise<Asked> {
  const here = await readableHere(arm.recipe, file);
  const model = options.model === undefined ? undefined : { folder: (await modelHere(options.model)).folder };
  if ('why' in here)
    throw new StintError({
      code: 'data-not-here',
      where: file,
      what: 'the data cannot be inspected on this machine',
      why: here.why ?? '',
      todo: 'do that, or run this where the data is',
    });
  const request = requestOf(arm.recipe, model === undefined ? here : { ...here, model });
  return { request, arms: [arm.name], sequenceLength: arm.recipe.training.sequenceLength };
}

async function ofData(data: string, options: InspectOptions): Promise<Asked> {
  const found = await dataHere(process.cwd(), data, data, options);
  const model = options.model === undefined ? null : { folder: (await modelHere(options.model)).folder };
  const source = found.kind === 'file' ? { kind: 'file', path: data } : found;
  // As `stint init` would write it: what the model's own chat template begins a conversation with, and its tokens for thinking.
  const asked =
    model === null ? DatasetSchema.pick({ systemPrompt: true }).parse({}) : await askedAs(model.folder);
  const files = found.kind === 'file' ? [...found.files] : null;
  const dataset = { source, files, fields: null, ...asked };
  return { request: { model, dataset, sequenceLength: null }, arms: [], sequenceLength: null };
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
  new StintError({ code: 'wrong-option', where, what, todo });
