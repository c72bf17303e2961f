import type { ComparedArm, Comparison, Evaluation, UntouchedModel } from '../comparison.ts';
import { armScale, type Chart, type ChartSpec, chartConfig, SHAPES } from './chart.ts';
import { type Palette, seriesColour } from './palette.ts';

type Row = Evaluation & { readonly arm: string; readonly label: string };

const X = 'meanThinkingTokens';
const CAPTION =
  'Each point is one evaluation: its mean thinking tokens a question, and the share of questions ' +
  'answered right with its 95% interval.';
const WAIT_CAPTION = 'Hollow points suppressed the end of thinking and appended “Wait”.';

/**
 * Accuracy over mean thinking tokens, one curve an arm: s1's Figure 1 with intervals. Null without
 * evaluations.
 */
export function accuracyChart({ arms, untouched }: Comparison, palette: Palette): Chart | null {
  const models = [...arms, ...untouched];
  const rows = models.flatMap(rowsOf);
  const benchmarks = [...new Set(rows.map((row) => row.benchmark))];
  if (rows.length === 0) return null;
  const hasWait = rows.some((row) => row.control === 'wait');
  const names = models.filter((model) => model.evaluations.length > 0).map((model) => model.name);
  const descriptions = names.map((name) => describe(name, rows));
  const panels = benchmarks.map((benchmark) => ({
    ...(benchmarks.length > 1 ? { title: { text: benchmark, color: palette.ink, anchor: 'start' } } : {}),
    width: benchmarks.length > 1 ? 330 : 760,
    height: benchmarks.length > 1 ? 240 : 320,
    ...panel(
      rows.filter((row) => row.benchmark === benchmark),
      arms.map(({ name }) => name),
      untouched.map(({ name }) => name),
      palette,
    ),
  }));
  return {
    id: 'accuracy',
    title: 'Accuracy over thinking',
    caption: hasWait ? `${CAPTION} ${WAIT_CAPTION}` : CAPTION,
    alternative: `Accuracy over mean thinking tokens. ${descriptions.join('; ')}.`,
    spec: {
      config: chartConfig(palette),
      ...(panels.length === 1 ? panels[0] : { concat: panels, columns: 2, spacing: 40 }),
    },
  };
}

function rowsOf(model: ComparedArm | UntouchedModel): readonly Row[] {
  return model.evaluations
    .filter((evaluation) => evaluation.meanThinkingTokens > 0)
    .map((evaluation) => ({
      ...evaluation,
      arm: model.name,
      label: evaluation.control === 'wait' ? `${evaluation.times} × Wait` : '',
    }));
}

function panel(
  rows: readonly Row[],
  arms: readonly string[],
  untouched: readonly string[],
  palette: Palette,
): ChartSpec {
  const names = [...arms, ...untouched];
  const colours = [
    ...arms.map((_, index) => seriesColour(palette, index)),
    ...untouched.map(() => palette.muted),
  ];
  const colour = { field: 'arm', type: 'nominal', scale: armScale(names, colours) };
  const shape = { field: 'arm', type: 'nominal', scale: armScale(names, SHAPES) };
  const y = {
    field: 'accuracy',
    type: 'quantitative',
    title: 'Accuracy',
    scale: { domain: accuracyDomain(rows) },
    axis: { format: '.0%', tickCount: 6 },
  };
  const isBudget = "datum.control === 'budget'";
  const isWait = "datum.control === 'wait'";
  return {
    data: { values: rows },
    encoding: {
      x: {
        field: X,
        type: 'quantitative',
        title: 'Mean thinking tokens a question (log scale)',
        scale: { type: 'log', base: 2, nice: false, ...tokenDomain(rows) },
        axis: { ...tokenTicks(rows), format: ',~r' },
      },
      color: colour,
    },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.55 },
        encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        transform: [{ filter: isBudget }],
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { y },
      },
      {
        transform: [{ filter: isBudget }],
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: { y, shape },
      },
      {
        transform: [{ filter: isWait }],
        mark: { type: 'point', filled: false, fill: palette.surface, size: 65, strokeWidth: 2, opacity: 1 },
        encoding: { y, shape },
      },
      {
        transform: [{ filter: isWait }],
        mark: { type: 'text', align: 'left', dx: 10, fontSize: 11 },
        encoding: { y, text: { field: 'label' }, color: { value: palette.muted } },
      },
    ],
  };
}

/** From 0 to 1 where the points use much of it; otherwise close enough around them to see differences. */
function accuracyDomain(rows: readonly Row[]): readonly [number, number] {
  const low = Math.min(...rows.map((row) => row.low));
  const high = Math.max(...rows.map((row) => row.high));
  if (high - low > 0.4) return [0, 1];
  return [Math.max(0, Math.floor(20 * low - 0.5) / 20), Math.min(1, Math.ceil(20 * high + 0.5) / 20)];
}

function tokenDomain(rows: readonly Row[]): { readonly domain: readonly [number, number] } {
  const tokens = rows.map((row) => row.meanThinkingTokens);
  return { domain: [Math.min(...tokens) / 1.15, Math.max(...tokens) * 1.15] };
}

/** Powers of two, as the scale doubles; left to the chart where fewer than two fall inside. */
function tokenTicks(rows: readonly Row[]): { readonly values?: readonly number[] } {
  const [low, high] = tokenDomain(rows).domain;
  const first = Math.ceil(Math.log2(low));
  const count = Math.floor(Math.log2(high)) - first + 1;
  return count < 2 ? {} : { values: Array.from({ length: count }, (_, index) => 2 ** (first + index)) };
}

function describe(name: string, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.arm === name);
  return `${name}: ${own
    .map((row) => `${(100 * row.accuracy).toFixed(0)}% at ${row.meanThinkingTokens.toFixed(0)} tokens`)
    .join(', ')}`;
}
