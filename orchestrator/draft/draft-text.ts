import type { LengthSummary } from '../plan/length-summary.ts';
import type { Architecture } from '../recipe/model.ts';
import type { Thinking } from '../recipe/thinking.ts';
import { formatInteger } from '../units/format.ts';
import type { DraftSettings } from './choose-settings.ts';
import { yamlScalar } from './yaml-scalar.ts';

export interface Draft {
  readonly name: string;
  /** Relative to the recipe, or a hub's id. */
  readonly model: { readonly repository: string; readonly revision: string | null };
  readonly architecture: Architecture;
  readonly source:
    | { readonly kind: 'file'; readonly path: string | readonly string[] }
    | {
        readonly kind: 'huggingface';
        readonly repository: string;
        readonly revision: string;
        readonly config: string | null;
        readonly split: string;
      };
  readonly fields: { readonly question: string; readonly trace: string; readonly answer: string };
  /** Null: no system turn. */
  readonly systemPrompt: string | null;
  /** Left out: s1's delimiters. */
  readonly thinking?: Thinking;
  /** Rows whose text holds a control token. */
  readonly controlTokens: number;
  readonly summary: LengthSummary;
  readonly samples: number;
  readonly settings: DraftSettings;
  /** Of the cluster that it is drafted for. */
  readonly cluster: string;
  readonly onProcessors: boolean;
  /** As it will be called on the command line. */
  readonly file: string;
}

/** The recipe as a person would have written it: each choice with its reason, what is left out as an example. */
export function draftText(draft: Draft): string {
  return `${[head(draft), model(draft), dataset(draft), training(draft), evaluation(draft)].join('\n\n')}\n`;
}

function head({ name, file, cluster, samples }: Draft): string {
  return `# ${formatInteger(samples)} reasoning traces fine-tune a model of yours. Written by \`stint init\`, yours to change.
#
#     stint plan ${file} --cluster ${cluster}
#     stint launch ${file} --cluster ${cluster} --wait
kind: FineTune
name: ${yamlScalar(name)}`;
}

function model({ model: { repository, revision }, architecture }: Draft): string {
  const where =
    revision === null
      ? `  # A folder, relative to this file. The sha256 of its files pins it, so it needs no revision.
  repository: ${yamlScalar(repository)}`
      : `  repository: ${yamlScalar(repository)}
  # The commit that is trained from: a name that moves would make two runs differ.
  revision: ${yamlScalar(revision)}`;
  const fields = Object.entries(architecture)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `    ${key}: ${yamlScalar(value ?? null)}`);
  return `model:
  kind: pretrained
${where}
  # From its config.json, so that a plan needs none of its weights.
  architecture:
${fields.join('\n')}`;
}

function dataset({ source, fields, systemPrompt, thinking, controlTokens, settings }: Draft): string {
  const { question, trace, answer } = fields;
  const prompt =
    systemPrompt === null
      ? `  # No system turn; a text here would begin every sample.
  systemPrompt: null`
      : `  # The one that the model's own chat template puts in.
  systemPrompt: ${yamlScalar(systemPrompt)}`;
  const control =
    controlTokens === 0
      ? `  # Should a text hold a control token such as <|im_end|>, the data is refused; \`text\` reads it as plain text.
  controlTokens: refuse`
      : `  # ${rows(controlTokens)} ${controlTokens === 1 ? 'holds' : 'hold'} a control token such as <|im_end|>: it is read as plain text, never as the end of a turn.
  controlTokens: text`;
  const over =
    settings.overLength === 'refuse'
      ? `  # A sample longer than training.sequenceLength is refused, so that no answer is cut off unnoticed; else: drop, truncate.
  overLength: refuse`
      : `  # ${rows(settings.leftOut)} ${settings.leftOut === 1 ? 'is' : 'are'} longer than the model has positions, and left out; \`truncate\` would cut off their answers.
  overLength: drop`;
  const apart = trace === answer ? ` The parts are told apart in what ${yamlScalar(trace)} holds.` : '';
  return `dataset:
${sourceText(source)}
  # Which columns are question, reasoning and answer.${apart}
  fields: { question: ${yamlScalar(question)}, trace: ${yamlScalar(trace)}, answer: ${yamlScalar(answer)} }
${prompt}
${delimiters(thinking)}${control}
${over}`;
}

function delimiters(thinking: Thinking | undefined): string {
  if (thinking === undefined) return '';
  const { start, end, answerStart = end } = thinking;
  const values = Object.entries({ start, end, answerStart }).map(
    ([name, text]) => `${name}: ${yamlScalar(text)}`,
  );
  return `  # The tokens that the model has for its thinking; without this line, s1's delimiters.
  thinking: { ${values.join(', ')} }
`;
}

const rows = (count: number): string => `${formatInteger(count)} ${count === 1 ? 'row' : 'rows'}`;

function sourceText(source: Draft['source']): string {
  if (source.kind === 'file') {
    const path =
      typeof source.path === 'string'
        ? yamlScalar(source.path)
        : `[${source.path.map((each) => yamlScalar(each)).join(', ')}]`;
    return `  source:
    kind: file
    # Relative to this file: .jsonl, .json, .csv, .parquet, .gz of JSON; a list, a folder or a pattern such as data/*.parquet.
    path: ${path}`;
  }
  const { repository, revision, config, split } = source;
  return `  source:
    kind: huggingface
    repository: ${yamlScalar(repository)}
    revision: ${yamlScalar(revision)}${config === null ? '' : `\n    config: ${yamlScalar(config)}`}
    split: ${yamlScalar(split)}`;
}

function training({ settings, summary, samples, architecture, onProcessors }: Draft): string {
  const { sequenceLength, epochs, globalBatch, learningRate, leftOut } = settings;
  const length =
    leftOut === 0
      ? `The longest of ${formatInteger(samples)} samples has ${formatInteger(summary.max)} tokens (median ${formatInteger(summary.median)}): none is cut.`
      : `All the positions that the model has; the longest sample has ${formatInteger(summary.max)} tokens.`;
  const compute = onProcessors
    ? `  # bf16 and compiled kernels are for GPUs.
  compute: fp32
  compile: false`
    : `  # Products in bf16; master weights, gradients' reduction and Adam's moments in fp32.
  compute: bf16
  compile: true`;
  return `training:
  # ${length}
  sequenceLength: ${sequenceLength}
  # s1 passed five times over 1,000 samples; more samples need fewer passes.
  epochs: ${epochs}
  # Samples that each step averages over. s1 took 16.
  globalBatch: ${globalBatch}
  optimizer:
    # s1's 1.0e-5 is for a hidden size of 5,120; the best rate falls with the width (Yang et al. 2022), here ${formatInteger(architecture.hiddenSize)}.
    learningRate: ${yamlScalar(learningRate)}
    beta1: 0.9
    beta2: 0.95
    weightDecay: ${yamlScalar(1e-4)}
    gradientClip: 1
  schedule: { kind: cosine, warmupRatio: 0.05 }
  # Order of the samples.
  seed: 42
${compute}
  # Steps between checkpoints from which an interrupted run goes on; without it only the last is kept.
  # checkpoint: { everySteps: 50, keep: 2 }`;
}

function evaluation({ settings: { sequenceLength }, fields }: Draft): string {
  const [short, long] = [Math.max(16, sequenceLength / 8), Math.max(32, sequenceLength / 2)].map(Math.floor);
  // Questions of a benchmark stand apart from their answers, whatever the traces' own rows are like.
  const [question, answer] =
    fields.trace === fields.answer ? ['question', 'answer'] : [fields.question, fields.answer];
  return `# What it can do afterwards, under growing thinking budgets: name questions with known answers that it is not trained on,
# and take the marks away.
# evaluation:
#   benchmarks:
#     - name: held-out
#       source: { kind: file, path: held-out.jsonl }
#       fields: { question: ${yamlScalar(question)}, answer: ${yamlScalar(answer)} }
#       grader: exact # or integer, or math for LaTeX
#   controls:
#     - { kind: budget, maxThinkingTokens: ${short} }
#     - { kind: budget, maxThinkingTokens: ${long} }
#   maxAnswerTokens: 64`;
}
