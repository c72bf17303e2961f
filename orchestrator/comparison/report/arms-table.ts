import { shortValueText } from '../../recipe/value-text.ts';
import { formatFigure, formatInteger, formatMoney, formatPercent } from '../../units/format.ts';
import type { BenchmarkMetrics, ComparedArm, Comparison } from '../comparison.ts';
import { armHeading } from './arm-glyph.ts';
import { type Html, html, typeset } from './html-template.ts';

type Row = readonly [label: string, cell: (arm: ComparedArm) => string | null];

type Group = readonly [title: string, rows: readonly Row[]];

/** `null` in a cell is something not known: the run has not come that far. */
const groupsOf = (arms: readonly ComparedArm[]): readonly Group[] => [
  [
    'Training',
    [
      ['Samples truncated', (arm) => truncated(arm)],
      ['Steps', (arm) => stepsText(arm)],
      ['Final loss', (arm) => arm.loss?.toFixed(3) ?? null],
      [
        'Tokens per second',
        (arm) => (arm.tokensPerSecond === null ? null : formatInteger(arm.tokensPerSecond)),
      ],
    ],
  ],
  [
    'Cost',
    [
      ['Device-hours held', (arm) => formatFigure(arm.gpuHours)],
      ['Of it productive', (arm) => (arm.goodput === null ? null : formatPercent(arm.goodput))],
      ['Cost', (arm) => formatMoney(arm.cost, arm.currency)],
      ...pointRows(arms),
      [
        'Cost per answer, evaluating alone',
        (arm) => (arm.costPerAnswer === null ? null : formatMoney(arm.costPerAnswer, arm.currency)),
      ],
      ['Device-seconds per answer', (arm) => figure(arm.gpuSecondsPerAnswer)],
    ],
  ],
];

export function armsTable({ arms, factor }: Comparison): Html {
  const factorRows: readonly Row[] = factor === null ? [] : [[factor, (arm) => shortValueText(arm.value)]];
  const groups = [...groupsOf(arms), ...metricGroups(arms)];
  const heads = arms.map((arm, index) => html`<th scope="col">${armHeading(arm.name, index)}</th>`);
  const identity = [...factorRows, ['Run', (arm: ComparedArm) => arm.run] as const];
  const bodies = groups.map(
    ([title, rows]) => html`<tbody class="group">
<tr><th scope="rowgroup" colspan="${arms.length + 1}">${title}</th></tr>
${rows.map((row) => tableRow(row, arms))}</tbody>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="The arms side by side"><table>
<thead><tr><th scope="col">Arm</th>${heads}</tr></thead>
<tbody>${identity.map((row) => tableRow(row, arms))}</tbody>
${bodies}</table></div>`;
}

function tableRow([label, cell]: Row, arms: readonly ComparedArm[]): Html {
  const cells = arms.map((arm) => html`<td>${typeset(cell(arm) ?? '–')}</td>`);
  return html`<tr><th scope="row">${label}</th>${cells}</tr>
`;
}

/** A point on one benchmark is none on another; its name is left out where there is only one. */
function pointRows(arms: readonly ComparedArm[]): readonly Row[] {
  const names = [
    ...new Set(arms.flatMap(({ evaluations }) => evaluations.map(({ benchmark }) => benchmark))),
  ];
  return (names.length === 0 ? [''] : names).flatMap((name): readonly Row[] => {
    const where = names.length > 1 ? ` on ${name}` : '';
    const price = (arm: ComparedArm) => arm.perPoint.find(({ benchmark }) => benchmark === name);
    return [
      [
        `Cost per point of accuracy${where}`,
        (arm) => {
          const cost = price(arm)?.cost;
          return cost === undefined ? null : formatMoney(cost, arm.currency);
        },
      ],
      [`Device-hours per point of accuracy${where}`, (arm) => figure(price(arm)?.gpuHours ?? null)],
    ];
  });
}

function metricGroups(arms: readonly ComparedArm[]): readonly Group[] {
  const all = arms.flatMap((arm) => arm.metrics);
  const groups = new Map(all.map((each) => [titleOf(each), each]));
  return [...groups.keys()].map((title) => {
    const metrics = (arm: ComparedArm) => arm.metrics.find((candidate) => titleOf(candidate) === title);
    return [
      title,
      [
        ['Performance, the best accuracy', (arm) => percent(metrics(arm)?.performance)],
        ['Control, kept to what was asked', (arm) => percent(metrics(arm)?.control)],
        [
          'Scaling, points per doubling',
          (arm) => {
            const slope = metrics(arm)?.scaling;
            return typeof slope === 'number' ? formatFigure(slope) : null;
          },
        ],
      ],
    ];
  });
}

const titleOf = ({ benchmark, method }: BenchmarkMetrics): string =>
  `Test-time scaling on ${benchmark}${method === 'budget forcing' ? '' : ` by ${method}`}`;

function truncated(arm: ComparedArm): string {
  return `${arm.truncatedBasis === 'plan' ? 'about ' : ''}${formatPercent(arm.truncatedShare)}`;
}

function stepsText(arm: ComparedArm): string {
  const done = formatInteger(arm.steps);
  return arm.steps === arm.plannedSteps ? done : `${done} of ${formatInteger(arm.plannedSteps)}`;
}

function figure(value: number | null): string | null {
  return value === null ? null : formatFigure(value);
}

function percent(value: number | null | undefined): string | null {
  return typeof value === 'number' ? formatPercent(value) : null;
}
