import type { ComparedArm, Comparison, EvaluationRow } from '../../comparison/comparison.ts';
import { controlLabel } from '../../evaluation/control-name.ts';
import { shortValueText } from '../../recipe/value-text.ts';
import { formatFigure, formatMoney, formatPercent } from '../../units/format.ts';
import { type Column, renderTable } from './table.ts';

/** A comparison for a terminal: the arms, their accuracies, and what can be said of them. */
export function comparisonText(comparison: Comparison, options: { readonly width?: number } = {}): string {
  const { arms, factor, findings } = comparison;
  return [
    renderTable(arms, armColumns(factor), options),
    accuracyTable(comparison, options),
    findings.map((finding) => `- ${finding.text}`).join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function armColumns(factor: string | null): readonly Column<ComparedArm>[] {
  return [
    { header: 'ARM', cell: (arm) => arm.name },
    { header: 'RUN', cell: (arm) => arm.run },
    { header: 'STATE', cell: (arm) => arm.state },
    ...(factor === null ? [] : [{ header: factor, cell: factorCell }]),
    { header: 'TRUNCATED', cell: (arm) => formatPercent(arm.truncatedShare), align: 'right' },
    { header: 'STEPS', cell: (arm) => arm.steps },
    { header: 'LOSS', cell: (arm) => arm.loss?.toFixed(3) ?? null, align: 'right' },
    {
      header: 'TOKENS/S',
      cell: (arm) => (arm.tokensPerSecond === null ? null : Math.round(arm.tokensPerSecond)),
    },
    { header: 'DEVICE-HOURS', cell: (arm) => formatFigure(arm.gpuHours), align: 'right' },
    {
      header: 'GOODPUT',
      cell: (arm) => (arm.goodput === null ? null : formatPercent(arm.goodput)),
      align: 'right',
    },
    { header: 'COST', cell: (arm) => formatMoney(arm.cost, arm.currency), align: 'right' },
  ];
}

function factorCell({ value }: ComparedArm): string | number {
  return typeof value === 'number' ? value : shortValueText(value);
}

interface ControlRow {
  readonly benchmark: string;
  readonly control: string;
}

/** One row a control, so that the arms' accuracies stand side by side. */
function accuracyTable({ arms, untouched }: Comparison, options: { readonly width?: number }): string {
  const models = [...untouched, ...arms];
  const all = models.flatMap((model) => model.evaluations);
  const rows = all.map((own): ControlRow => ({ benchmark: own.benchmark, control: controlLabel(own) }));
  const isSame = (a: ControlRow, b: ControlRow) => a.benchmark === b.benchmark && a.control === b.control;
  const distinct = rows.filter((row, index) => rows.findIndex((other) => isSame(row, other)) === index);
  const columns: readonly Column<ControlRow>[] = [
    { header: 'BENCHMARK', cell: (row) => row.benchmark },
    { header: 'CONTROL', cell: (row) => row.control },
    ...models.flatMap((model): Column<ControlRow>[] => {
      const find = (row: ControlRow) =>
        model.evaluations.find((own) => own.benchmark === row.benchmark && controlLabel(own) === row.control);
      return [
        { header: model.name, cell: (row) => accuracyCell(find(row)), align: 'right' },
        { header: 'TOKENS', cell: (row) => find(row)?.meanThinkingTokens.toFixed(1) ?? null, align: 'right' },
      ];
    }),
  ];
  return distinct.length === 0 ? '' : renderTable(distinct, columns, options);
}

function accuracyCell(evaluation: EvaluationRow | undefined): string | null {
  if (evaluation === undefined) return null;
  const { accuracy, low, high } = evaluation;
  return `${accuracy.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}
