import type { DataReport } from '../../plan/data-report.ts';
import { counted } from '../../units/counted.ts';
import { formatInteger, formatPercent } from '../../units/format.ts';
import { columnNames } from './column-names.ts';
import { type Fact, renderFacts } from './facts.ts';
import { lengthBars } from './length-bars.ts';
import { oneLine } from './text-width.ts';

const INDENT = '  ';
/** Rows that are named for a person; `--json` has a hundred. */
const SHOWN = 10;

/** A dataset for a person: how its rows are read, how long they are, and what is wrong with which. */
export function dataText(name: string, report: DataReport, width: number): string {
  const { lengths, sequenceLength, hints } = report;
  if (report.rows === 0) return `${name}: ${counted(0, 'row')}, and training needs at least one`;
  return [
    headline(name, report),
    renderFacts(facts(report), INDENT),
    ...(lengths === null
      ? []
      : ['', lengthBars(lengths, { width, sequenceLength: sequenceLength ?? undefined })]),
    ...hints.map((hint) => `\n${hint}`),
    ...listOf('cannot be used', report.broken, report.brokenRows),
    ...listOf('with control tokens of the tokenizer as text', report.controlTokenRows, report.controlTokens),
    ...report.benchmarks.flatMap(({ name: of, broken, brokenRows, controlTokens, controlTokenRows }) => [
      ...listOf(`of benchmark ${of} cannot be used`, broken, brokenRows),
      ...listOf(
        `of benchmark ${of} with control tokens of the tokenizer as text`,
        controlTokenRows,
        controlTokens,
      ),
    ]),
  ].join('\n');
}

function headline(name: string, { rows, samples, fields }: DataReport): string {
  const all = `${name}: ${counted(rows, 'row')}`;
  // Of what none is known to hold the samples, nobody can tell.
  if (Object.values(fields).includes(null)) return all;
  return rows === samples ? `${all}, all of them usable` : `${all}, ${formatInteger(samples)} usable`;
}

function columnOf(part: keyof DataReport['fields'], { fields, guessed }: DataReport): string {
  const column = fields[part];
  if (column === null) return 'no column is taken for it';
  // Several parts stand in one where rows keep conversations, or answers that think between tags.
  const isShared = Object.values(fields).filter((each) => each === column).length > 1;
  if (isShared) return `column "${column}", told apart in what it holds`;
  return `column "${column}"${guessed ? ', by its name' : ''}`;
}

function facts(report: DataReport): readonly Fact[] {
  const { lengths, tokens, sequenceLength, samples } = report;
  const taken = (['question', 'trace', 'answer'] as const).map(
    (name): Fact => [name, columnOf(name, report)],
  );
  const share = (count: number) =>
    count === 0
      ? 'none'
      : `${formatInteger(count)} of ${formatInteger(samples)} (${formatPercent(count / samples)})`;
  return [
    ['columns', columnNames(report.columns)],
    ...taken,
    ...(lengths === null
      ? [['tokens', 'not counted: name the model whose tokenizer counts them with --model'] as const]
      : [
          [
            'tokens',
            `${formatInteger(tokens)}; ${formatInteger(lengths.min)} to ${formatInteger(lengths.max)} a sample, ${formatInteger(lengths.median)} at the median, ${formatInteger(lengths.p95)} at the 95th per cent`,
          ] as const,
        ]),
    ...(sequenceLength === null
      ? []
      : [
          [
            'too long',
            `${share(report.overLength)} longer than ${formatInteger(sequenceLength)} tokens`,
          ] as const,
          ['unlabelled', `${share(report.unlabelled)} without a label within them`] as const,
        ]),
    ['duplicates', share(report.duplicates)],
    [
      'control tokens',
      report.controlTokens === 0 ? 'in no row' : `in ${counted(report.controlTokens, 'row')}`,
    ],
    ...report.benchmarks.map(
      ({ name, rows, longestPromptTokens }): Fact => [
        'benchmark',
        `${name}: ${counted(rows, 'question')}, prompts of up to ${formatInteger(longestPromptTokens)} tokens`,
      ],
    ),
  ];
}

function listOf(what: string, rows: DataReport['broken'], count: number): readonly string[] {
  if (count === 0) return [];
  const shown = rows
    .slice(0, SHOWN)
    .map(({ file, line, what: why }) => `${INDENT}${file}:${line}  ${oneLine(why)}`);
  const more = count - shown.length;
  return [
    `\n${counted(count, 'row')} ${what}:`,
    ...shown,
    ...(more > 0 ? [`${INDENT}and ${formatInteger(more)} more; --json names the first hundred`] : []),
  ];
}
