import { access } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { inspectKept } from '../../controller/inspect-kept.ts';
import { type AskedAs, askedAs } from '../../documents/asked-as.ts';
import { writeText } from '../../documents/write-text.ts';
import { chooseSettings } from '../../draft/choose-settings.ts';
import { type Draft, draftText } from '../../draft/draft-text.ts';
import { recipeName } from '../../draft/recipe-name.ts';
import { StintError } from '../../errors/stint-error.ts';
import { refusals } from '../../operations/plan-recipe.ts';
import { pricedProfile } from '../../operations/priced-profile.ts';
import { dataReport } from '../../plan/data-report.ts';
import { groupsOf } from '../../plan/parallelism.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import type { Inspection, InspectionRequest } from '../../wire/inspection.ts';
import type { CliContext } from '../context.ts';
import { type DataHere, dataHere, type NamedSplit } from '../data-here.ts';
import { loadToPlan } from '../load-to-plan.ts';
import { isRepository, type ModelHere, modelHere } from '../model-here.ts';
import type { NamedFields } from '../named-fields.ts';
import { printJson } from '../output.ts';
import { planHere } from '../plan-here.ts';
import { planSummary } from '../plan-summary.ts';
import { columnNames } from '../render/column-names.ts';
import { dataText } from '../render/data-text.ts';
import { showReading } from '../show-reading.ts';

export interface InitOptions extends NamedFields, NamedSplit {
  readonly model: string;
  readonly data: string;
  readonly cluster: string;
  readonly output: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * `stint init --model M --data D [--cluster P] [-o FILE]`: finds out what a recipe for them has to say, and writes one,
 * with the reason of each choice, that plans and launches on the cluster.
 */
export async function init(options: InitOptions, context: CliContext): Promise<number> {
  const { output, home, dataReader } = context;
  const file = options.output;
  if (!options.force) await requireAbsent(file);
  const dataPath = await seenAsPath(file, options.data);
  const [model, data, profile] = await Promise.all([
    modelHere(options.model),
    dataHere(dirname(resolve(file)), dataPath, '--data', options),
    pricedProfile(options.cluster, home, Date.now()),
  ]);
  const asked = await askedAs(model.folder);
  const onRead = showReading(output, Date.now);
  const ask = (request: InspectionRequest) => inspectKept(dataReader, home, request, onRead);
  const inspection = await ask(await requestOf(model, data, dataPath, asked, options, ask));
  const draft = draftOf({ options, model, data, dataPath, asked, inspection, profile });
  await writeText(file, draftText(draft));
  const report = dataReport(inspection, draft.settings.sequenceLength);
  const { whole, plans } = await planHere(await loadToPlan(file, {}, context), profile, context);
  if (options.json) printJson(output, { recipe: file, data: report, plan: whole });
  else {
    output.print(dataText(options.data, report, output.width));
    output.print(`\nwritten: ${file}\n${planSummary(whole, plans)}`);
    const refused = refusals(whole);
    for (const { name, message } of refused)
      output.tell(`not on ${profile.name} as it stands: ${name}: ${message}`);
    output.tell(
      refused.length > 0
        ? `Change ${file} or the cluster as said, then: stint plan ${file} --cluster ${options.cluster}`
        : `Next: stint launch ${file} --cluster ${options.cluster} --wait`,
    );
  }
  return 0;
}

async function requireAbsent(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new StintError({
    code: 'file-exists',
    where: file,
    what: `${file} is there already`,
    why: 'what you have written is not written over unasked',
    todo: 'name another file with -o, or add --force',
  });
}

/**
 * The very question that a plan of the recipe will ask, so that it is answered already then. Columns are guessed first,
 * without a tokenizer, which is quick.
 */
async function requestOf(
  { folder }: ModelHere,
  data: DataHere,
  path: string,
  asked: AskedAs,
  named: NamedFields,
  ask: (request: InspectionRequest) => Promise<Inspection>,
): Promise<InspectionRequest> {
  const source = data.kind === 'file' ? { kind: 'file', path } : data;
  const files = data.kind === 'file' ? [...data.files] : null;
  const dataset = { source, files, fields: null, ...asked };
  const guess = await ask({ model: null, dataset, sequenceLength: null });
  if (guess.rows === 0) throw noRows(path);
  // Without a row that has fields, no name of a column would help.
  if (guess.columns.length === 0 && guess.brokenRows > 0) throw unusable(guess, path);
  const fields = requireFields(guess, named, path);
  return { model: { folder }, dataset: { ...dataset, fields }, sequenceLength: null };
}

interface Found {
  readonly options: InitOptions;
  readonly model: ModelHere;
  readonly data: DataHere;
  readonly dataPath: string;
  readonly asked: AskedAs;
  readonly inspection: Inspection;
  readonly profile: ClusterProfile;
}

function draftOf({ options, model, data, dataPath, asked, inspection, profile }: Found): Draft {
  const report = dataReport(inspection, null);
  const { question, trace, answer } = report.fields;
  if (question === null || trace === null || answer === null) throw new Error('columns were required');
  const summary = report.lengths;
  if (summary === null || report.brokenRows > 0) throw unusable(report, options.data);
  const architecture = inspection.architecture;
  if (architecture === null) throw new Error('a model folder has an architecture');
  const { lengths } = inspection;
  const groups = groupsOf(architecture, profile);
  return {
    name: recipeName(nameOf(model.hub?.repository ?? model.folder), nameOf(options.data)),
    model:
      model.hub === null
        ? { repository: seenFrom(options.output, options.model), revision: null }
        : { repository: model.hub.repository, revision: model.hub.commit },
    architecture,
    source:
      data.kind === 'file' ? { kind: 'file', path: dataPath } : { ...data, config: data.config ?? null },
    fields: { question, trace, answer },
    ...asked,
    controlTokens: inspection.controlTokens,
    summary,
    samples: lengths.length,
    settings: chooseSettings({ lengths, summary, architecture, groups }),
    cluster: options.cluster,
    onProcessors: profile.device.kind === 'cpu',
    file: options.output,
  };
}

const nameOf = (path: string): string => basename(path).replace(/(?:\.(?:jsonl?|csv|parquet|gz))+$/, '');

/** A path as the recipe's reader finds it; one that lies far off is named from the root. */
function seenFrom(recipeFile: string, path: string): string {
  if (isAbsolute(path)) return path;
  const seen = relative(dirname(resolve(recipeFile)), resolve(path))
    .split(sep)
    .join('/');
  return seen.startsWith('../') ? seen : `./${seen}`;
}

/** A dataset's repository stays its id. */
async function seenAsPath(recipeFile: string, data: string): Promise<string> {
  const isThere = await access(data).then(
    () => true,
    () => false,
  );
  return isRepository(data) && !isThere ? data : seenFrom(recipeFile, data);
}

function requireFields(
  { fields: guessed, columns, hints }: Inspection,
  named: NamedFields,
  data: string,
): { readonly question: string; readonly trace: string; readonly answer: string } {
  const question = named.question ?? guessed.question;
  const trace = named.trace ?? guessed.trace;
  const answer = named.answer ?? guessed.answer;
  if (question !== null && trace !== null && answer !== null) return { question, trace, answer };
  const missing = Object.entries({ question, trace, answer })
    .filter(([, column]) => column === null)
    .map(([name]) => name);
  throw new StintError({
    code: 'fields-not-found',
    where: data,
    what: `no column is known to hold the ${missing.join(' and the ')} of a sample; the columns are ${columnNames(columns)}`,
    why: [
      'a sample is a question, the reasoning trace that leads to its answer, and the answer.',
      ...hints,
    ].join(' '),
    todo: `name the columns: ${missing.map((name) => `--${name} COLUMN`).join(' ')}`,
  });
}

const SHOWN = 10;

const noRows = (data: string): StintError =>
  new StintError({
    code: 'data-empty',
    where: data,
    what: `${data} holds no rows`,
    todo: 'name data with at least one',
  });

function unusable(
  { rows, broken, brokenRows }: Pick<Inspection, 'rows' | 'broken' | 'brokenRows'>,
  data: string,
): StintError {
  const shown = broken.slice(0, SHOWN).map(({ file, line, what }) => `${file}:${line} ${what}`);
  return new StintError({
    code: 'rows-broken',
    where: data,
    what: `${brokenRows} of ${rows} rows cannot be used, and training would refuse them`,
    why: shown.join('\n'),
    todo: `fix or remove them, or name other columns; \`stint data inspect ${data}\` lists them. Nothing was written`,
  });
}
