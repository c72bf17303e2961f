import { formatInteger } from '../../units/format.ts';
import type { Comparison, EvaluationRow } from '../comparison.ts';
import { armScale, type Chart, type ChartSpec, SHAPES } from './chart.ts';
import { type Palette, seriesColour } from './palette.ts';
import { sideBySide } from './side-by-side.ts';
import { tokenDomain, tokenTicks, unplaced } from './token-axis.ts';

interface Row
  extends Pick<EvaluationRow, 'benchmark' | 'budget' | 'meanThinkingTokens' | 'longestThinkingTokens'> {
  readonly arm: string;
}

const CAPTION =
  'Each point is one evaluation: its budget, and the mean thinking tokens a question. A dash is the question that was thought ' +
  'about longest. What lies above the grey line did not keep to its budget.';

/** How long each budget was thought, beside the budget itself. Null without plain budgets. */
export function adherenceChart({ arms }: Comparison, palette: Palette): Chart | null {
  const budgets: readonly Row[] = arms.flatMap(({ name, evaluations }) =>
    evaluations
      .filter(({ control }) => control === 'budget')
      .map((evaluation) => ({ ...evaluation, arm: name })),
  );
  const rows = budgets.filter(({ meanThinkingTokens }) => meanThinkingTokens > 0);
  if (rows.length === 0) return null;
  const benchmarks = [...new Set(rows.map(({ benchmark }) => benchmark))];
  const panels = benchmarks.map((benchmark) => ({
    title: benchmarks.length > 1 ? benchmark : null,
    spec: panel(
      rows.filter((row) => row.benchmark === benchmark),
      arms.map(({ name }) => name),
      palette,
    ),
  }));
  return {
    id: 'adherence',
    title: 'Thinking by budget',
    caption: [CAPTION, ...unplaced(budgets)].join(' '),
    alternative: `Mean thinking tokens by budget. ${arms
      .map(({ name }) => describe(name, rows))
      .join('; ')}.`,
    spec: sideBySide(panels, { alone: 240, beside: 240 }, palette),
  };
}

function panel(rows: readonly Row[], arms: readonly string[], palette: Palette): ChartSpec {
  const budgets = rows.map(({ budget }) => budget);
  const [low, high] = tokenDomain(budgets);
  const thought = [low, high, ...rows.flatMap((row) => [row.meanThinkingTokens, row.longestThinkingTokens])];
  const colours = arms.map((_, index) => seriesColour(palette, index));
  const log = { type: 'log', base: 2, nice: false };
  const x = {
    field: 'budget',
    type: 'quantitative',
    title: 'Budget of thinking tokens (log scale)',
    scale: { ...log, domain: [low, high] },
    axis: { values: [...new Set(budgets)], format: ',~r', labelOverlap: true },
  };
  const y = {
    field: 'meanThinkingTokens',
    type: 'quantitative',
    title: 'Thinking tokens a question (log scale)',
    scale: { ...log, domain: [Math.min(...thought) / 1.25, 1.25 * Math.max(...thought)] },
    axis: { ...tokenTicks(thought), format: ',~r' },
  };
  const colour = { field: 'arm', type: 'nominal', scale: armScale(arms, colours) };
  const shape = { field: 'arm', type: 'nominal', scale: armScale(arms, SHAPES) };
  const ends = [low, high].map((budget) => ({ budget, meanThinkingTokens: budget }));
  return {
    layer: [
      {
        data: { values: ends },
        mark: { type: 'line', color: palette.muted, strokeWidth: 1 },
        encoding: { x, y },
      },
      {
        data: { values: ends.slice(1) },
        mark: {
          type: 'text',
          align: 'right',
          dx: -8,
          dy: -2,
          baseline: 'bottom',
          fontSize: 11,
          color: palette.muted,
        },
        encoding: { x, y, text: { value: 'the budget' } },
      },
      {
        data: { values: rows },
        mark: { type: 'tick', orient: 'horizontal', thickness: 2, size: 14, opacity: 1 },
        encoding: { x, y: { ...y, field: 'longestThinkingTokens' }, color: colour },
      },
      { data: { values: rows }, mark: { type: 'line', strokeWidth: 2 }, encoding: { x, y, color: colour } },
      {
        data: { values: rows },
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: { x, y, color: colour, shape },
      },
    ],
  };
}

function describe(name: string, rows: readonly Row[]): string {
  const own = rows.filter(({ arm }) => arm === name);
  const points = own.map(
    ({ budget, meanThinkingTokens, longestThinkingTokens }) =>
      `${formatInteger(meanThinkingTokens)} of ${formatInteger(budget)}, at most ${formatInteger(longestThinkingTokens)}`,
  );
  return `${name}: ${points.join(', ') || 'none'}`;
}
