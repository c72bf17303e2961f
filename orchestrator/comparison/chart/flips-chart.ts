import type { Comparison } from '../comparison.ts';
import type { Chart, ChartSpec } from './chart.ts';
import { type Palette, seriesColour } from './palette.ts';
import { sideBySide } from './side-by-side.ts';

type Flips = Comparison['waitFlips'][number];

const GAINED = 'gained: wrong before, right now';
const LOST = 'lost: right before, wrong now';

/** Questions gained and lost with each "Wait" more. Null where no end of thinking was suppressed. */
export function flipsChart({ waitFlips }: Comparison, palette: Palette): Chart | null {
  // Arms stand side by side on a benchmark, on the same scale.
  const benchmarks = [...new Set(waitFlips.map(({ benchmark }) => benchmark))];
  const byBenchmark = benchmarks.flatMap((name) => waitFlips.filter(({ benchmark }) => benchmark === name));
  const titles = [...new Set(byBenchmark.map((flips) => titleOf(flips, waitFlips)))];
  if (titles.length === 0) return null;
  const panels = titles.map((title) => ({
    title,
    spec: panel(
      waitFlips.filter((flips) => titleOf(flips, waitFlips) === title),
      waitFlips,
      palette,
    ),
  }));
  return {
    id: 'flips',
    title: 'Answers that change sides with “Wait”',
    caption:
      'For each number of suppressed ends of thinking, against the number before it: how many questions are answered right more ' +
      'often (above) and less often (below). A gain in accuracy is the first less the second.',
    alternative: `Questions gained and lost with each Wait. ${waitFlips.map(describe).join('; ')}.`,
    spec: sideBySide(panels, { alone: 180, beside: 180 }, palette),
  };
}

function panel(flips: readonly Flips[], all: readonly Flips[], palette: Palette): ChartSpec {
  const onSame = all.filter(({ benchmark }) => benchmark === flips[0]?.benchmark);
  const most = Math.max(1, ...onSame.flatMap(({ gained, lost }) => [gained, lost]));
  const rows = flips.flatMap(({ from, to, gained, lost }) => {
    const step = `${from} → ${to}`;
    return [
      { step, side: GAINED, height: gained, label: `${gained}` },
      { step, side: LOST, height: -lost, label: `${lost}` },
    ];
  });
  const x = {
    field: 'step',
    type: 'ordinal',
    sort: null,
    title: 'Number of “Wait”s, before → now',
    axis: { labelAngle: 0, domain: false, ticks: false },
  };
  const y = {
    field: 'height',
    type: 'quantitative',
    title: 'Questions',
    stack: null,
    scale: { domain: [-1.25 * most, 1.25 * most], nice: false },
    axis: { grid: false, tickMinStep: 1, tickCount: 5, labelExpr: "format(abs(datum.value), 'd')" },
  };
  const colour = {
    field: 'side',
    type: 'nominal',
    scale: { domain: [GAINED, LOST], range: [seriesColour(palette, 1), seriesColour(palette, 0)] },
  };
  const label = (side: string, dy: number) => ({
    transform: [{ filter: { field: 'side', equal: side } }],
    mark: { type: 'text', dy, fontSize: 12, color: palette.ink },
    encoding: { x, y, text: { field: 'label' } },
  });
  return {
    data: { values: rows },
    layer: [
      { mark: { type: 'bar', size: 36 }, encoding: { x, y, color: colour } },
      { mark: { type: 'rule', color: palette.muted }, encoding: { y: { datum: 0 } } },
      label(GAINED, -8),
      label(LOST, 10),
    ],
  };
}

/** Names what tells the panels apart: the arm, and of benchmark, budget, text and accounting what there are several of. */
function titleOf(
  { arm, benchmark, budget, text = 'Wait', accounting }: Flips,
  all: readonly Flips[],
): string {
  const several = (field: 'benchmark' | 'budget' | 'text' | 'accounting') =>
    new Set(all.map((flips) => flips[field])).size > 1;
  return [
    arm,
    ...(several('benchmark') ? [benchmark] : []),
    ...(several('budget') ? [`budget ${budget}`] : []),
    ...(several('text') ? [`“${text}”`] : []),
    ...(several('accounting') ? [accounting ? 'budget a round' : 'budget shared'] : []),
  ].join(', ');
}

const describe = (flips: Flips): string =>
  `${flips.arm} on ${flips.benchmark} at budget ${flips.budget}, from ${flips.from} to ${flips.to}: ${flips.gained} gained, ${flips.lost} lost of ${flips.n}`;
