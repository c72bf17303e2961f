import { METHODS } from '../../evaluation/control-metrics.ts';
import type { PublishedCurve } from '../../evaluation/published-curves.ts';
import type { ComparedArm, Comparison, EvaluationRow, UntouchedModel } from '../comparison.ts';
import { armScale, type Chart, type ChartSpec, SHAPES } from './chart.ts';
import { type Palette, seriesColour } from './palette.ts';
import type { PanelSize } from './place-badges.ts';
import { panelSize, sideBySide } from './side-by-side.ts';
import { tokenDomain, tokenTicks, unplaced } from './token-axis.ts';
import { withBadges } from './wait-badges.ts';

type Point = Pick<
  EvaluationRow,
  'benchmark' | 'control' | 'meanThinkingTokens' | 'accuracy' | 'low' | 'high'
>;
type Row = Point & { readonly arm: string; readonly label: string; readonly isMeasured: boolean };

const X = 'meanThinkingTokens';
const HEIGHTS = { alone: 320, beside: 240 } as const;
const CAPTION =
  'Each point is one evaluation: its mean thinking tokens a question, and the share of questions ' +
  'answered right with its 95% interval.';
const WAIT_CAPTION =
  'Hollow points suppressed the end of thinking and appended “Wait”, as often as their number says. Numbers that would cover other marks stand beside theirs.';
const PUBLISHED_CAPTION =
  'The dashed curve was not measured here: it is Figure 1 of the s1 paper, with the intervals that follow from its number of questions.';

/**
 * Accuracy over mean thinking tokens, one curve an arm: s1's Figure 1 with intervals. Null without
 * evaluations.
 */
export function accuracyChart(
  { arms, untouched, published: all }: Comparison,
  palette: Palette,
): Chart | null {
  const published = all.filter(({ method }) => method === 'budget forcing');
  const models = [...arms, ...untouched];
  const measured = models.flatMap(rowsOf);
  if (measured.length === 0) return null;
  const benchmarks = [...new Set(measured.map((row) => row.benchmark))];
  const rows = [...measured, ...published.flatMap(publishedRows)];
  const hasWait = rows.some((row) => row.control === 'wait');
  const names = [...new Set(rows.map((row) => row.arm))];
  const descriptions = names.map((name) => describe(name, rows));
  const panels = benchmarks.map((benchmark) => ({
    title: benchmarks.length > 1 ? benchmark : null,
    spec: panel(
      rows.filter((row) => row.benchmark === benchmark),
      {
        arms: arms.map(({ name }) => name),
        untouched: untouched.map(({ name }) => name),
        published: [...new Set(published.map(({ name }) => name))],
      },
      panelSize(benchmarks.length, HEIGHTS),
      palette,
    ),
  }));
  const captions = [
    CAPTION,
    ...(hasWait ? [WAIT_CAPTION] : []),
    ...(published.length > 0 ? [PUBLISHED_CAPTION] : []),
    ...unplaced(models.flatMap(forced)),
  ];
  return {
    id: 'accuracy',
    title: 'Accuracy over thinking',
    caption: captions.join(' '),
    alternative: `Accuracy over mean thinking tokens. ${descriptions.join('; ')}.`,
    spec: sideBySide(panels, HEIGHTS, palette),
  };
}

const forced = ({ evaluations }: ComparedArm | UntouchedModel): readonly EvaluationRow[] =>
  evaluations.filter(({ control }) => METHODS[control] === 'budget forcing');

function rowsOf(model: ComparedArm | UntouchedModel): readonly Row[] {
  return forced(model)
    .filter(({ meanThinkingTokens }) => meanThinkingTokens > 0)
    .map((evaluation) => ({
      ...evaluation,
      arm: model.name,
      isMeasured: true,
      label: `${evaluation.times}`,
    }));
}

/** Zero has no place on a scale that doubles. */
function publishedRows({ benchmark, name, points }: PublishedCurve): readonly Row[] {
  return points
    .filter((point) => point.meanThinkingTokens > 0)
    .map((point) => ({ ...point, benchmark, control: 'budget', arm: name, label: '', isMeasured: false }));
}

interface Names {
  readonly arms: readonly string[];
  readonly untouched: readonly string[];
  readonly published: readonly string[];
}

function panel(
  rows: readonly Row[],
  { arms, untouched, published }: Names,
  size: PanelSize,
  palette: Palette,
): ChartSpec {
  const names = [...arms, ...untouched, ...published];
  const colours = [
    ...arms.map((_, index) => seriesColour(palette, index)),
    ...untouched.map(() => palette.muted),
    ...published.map(() => palette.ink),
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
  const tokens = rows.map((row) => row.meanThinkingTokens);
  const isBudget = "datum.control === 'budget'";
  const x = {
    field: X,
    type: 'quantitative',
    title: 'Mean thinking tokens a question (log scale)',
    scale: { type: 'log', base: 2, nice: false, domain: tokenDomain(tokens) },
    axis: { ...tokenTicks(tokens), format: ',~r' },
  };
  return {
    data: { values: withBadges(rows, { tokens: tokenDomain(tokens), accuracy: y.scale.domain }, size) },
    encoding: {
      x,
      color: colour,
    },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5, opacity: 0.55 },
        encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        transform: [{ filter: `${isBudget} && datum.isMeasured` }],
        mark: { type: 'line', strokeWidth: 2 },
        encoding: { y },
      },
      {
        transform: [{ filter: '!datum.isMeasured' }],
        mark: { type: 'line', strokeWidth: 2, strokeDash: [5, 4] },
        encoding: { y },
      },
      {
        transform: [{ filter: isBudget }],
        mark: { type: 'point', filled: true, size: 75, opacity: 1 },
        encoding: { y, shape },
      },
      ...waitLayers({ x, y, shape }, palette),
    ],
  };
}

type Channels = Readonly<Record<'x' | 'y' | 'shape', ChartSpec>>;

/** A “Wait” is a number in its arm's shape; where that has moved aside, a line leads to it from a dot. */
function waitLayers({ x, y, shape }: Channels, palette: Palette): readonly ChartSpec[] {
  const isWait = "datum.control === 'wait'";
  return [
    {
      transform: [{ filter: `${isWait} && datum.isMoved` }],
      mark: { type: 'rule', strokeWidth: 1 },
      encoding: { y, x2: { field: 'badgeTokens' }, y2: { field: 'badgeAccuracy' } },
    },
    {
      transform: [{ filter: `${isWait} && datum.isMoved` }],
      mark: { type: 'point', filled: false, fill: palette.surface, size: 40, strokeWidth: 2, opacity: 1 },
      encoding: { y, shape },
    },
    {
      transform: [{ filter: isWait }],
      mark: { type: 'point', filled: false, fill: palette.surface, size: 200, strokeWidth: 2, opacity: 1 },
      encoding: { x: { ...x, field: 'badgeTokens' }, y: { ...y, field: 'badgeAccuracy' }, shape },
    },
    {
      transform: [{ filter: isWait }],
      mark: { type: 'text', fontSize: 10, dy: 0.5 },
      encoding: {
        x: { ...x, field: 'badgeTokens' },
        y: { ...y, field: 'badgeAccuracy' },
        text: { field: 'label' },
        color: { value: palette.ink },
      },
    },
  ];
}

/** From 0 to 1 where the points use much of it; otherwise close enough around them to see differences. */
function accuracyDomain(rows: readonly Row[]): readonly [number, number] {
  const low = Math.min(...rows.map((row) => row.low));
  const high = Math.max(...rows.map((row) => row.high));
  if (high - low > 0.4) return [0, 1];
  return [Math.max(0, Math.floor(20 * low - 0.5) / 20), Math.min(1, Math.ceil(20 * high + 0.5) / 20)];
}

function describe(name: string, rows: readonly Row[]): string {
  const own = rows.filter((row) => row.arm === name);
  return `${name}: ${own
    .map((row) => `${(100 * row.accuracy).toFixed(0)}% at ${row.meanThinkingTokens.toFixed(0)} tokens`)
    .join(', ')}`;
}
