import { METHODS } from '../../evaluation/control-metrics.ts';
import { controlLabel } from '../../evaluation/control-name.ts';
import type { ComparedArm, Comparison } from '../comparison.ts';
import type { Chart } from './chart.ts';
import { type Palette, seriesColour } from './palette.ts';
import { unplaced } from './token-axis.ts';
import { describePanel, type TokenPanel, tokenPanels } from './token-panel.ts';

const ORDER: readonly string[] = [...new Set(Object.values(METHODS))];
const PUBLISHED = 'rejection as published';
const CAPTION =
  'Each point is one evaluation: its mean thinking tokens a question, of rejection sampling those of the thoughts that were kept, and ' +
  'the share of questions answered right with its 95% interval. Lines join the evaluations of one method by their tokens.';

/** Every method to steer thinking beside budget forcing. Null where that is the only one. */
export function methodsChart(comparison: Comparison, palette: Palette): Chart | null {
  const panels = comparison.arms.flatMap((arm) => panelsOf(arm, comparison));
  if (panels.length === 0) return null;
  const used = new Set(panels.flatMap(({ points }) => points.map(({ series }) => series)));
  const measured = ORDER.filter((name) => used.has(name)).map((name, index) => ({
    name,
    colour: seriesColour(palette, index),
  }));
  const drawn = new Set(panels.map(({ title }) => title));
  const asked = comparison.arms.flatMap(({ name, evaluations }) =>
    evaluations.filter(({ benchmark }) => drawn.has(titleOf(name, benchmark))),
  );
  const isPublished = used.has(PUBLISHED);
  const published = isPublished ? [{ name: PUBLISHED, colour: palette.ink, isDashed: true }] : [];
  const ending = isPublished
    ? ' The dashed curve was not measured here: it is Figure 6 of the s1 paper.'
    : '';
  return {
    id: 'methods',
    title: 'Ways to steer thinking',
    caption: [`${CAPTION}${ending}`, ...unplaced(asked)].join(' '),
    alternative: `Accuracy by method. ${panels.map(describePanel).join('; ')}.`,
    spec: tokenPanels(
      panels,
      [...measured, ...published],
      'Mean thinking tokens a question (log scale)',
      palette,
    ),
  };
}

/** Of each benchmark on which the arm was steered otherwise than by budget forcing. */
function panelsOf({ name, evaluations }: ComparedArm, { published }: Comparison): readonly TokenPanel[] {
  return [...new Set(evaluations.map(({ benchmark }) => benchmark))].flatMap((benchmark) => {
    const own = evaluations.filter((each) => each.benchmark === benchmark && each.meanThinkingTokens > 0);
    if (own.every(({ control }) => METHODS[control] === 'budget forcing')) return [];
    const rejects = own.some(({ control }) => control === 'rejection');
    const others = published.filter(
      (curve) => rejects && curve.benchmark === benchmark && curve.method === 'rejection sampling',
    );
    const points = [
      ...own.map((each) => ({
        ...each,
        tokens: each.meanThinkingTokens,
        series: METHODS[each.control],
        words: controlLabel(each),
      })),
      ...others
        .flatMap((curve) => curve.points)
        .map((point) => ({
          ...point,
          tokens: point.meanThinkingTokens,
          series: PUBLISHED,
          words: PUBLISHED,
        })),
    ];
    return [{ title: titleOf(name, benchmark), points }];
  });
}

const titleOf = (arm: string, benchmark: string): string => `${arm}, ${benchmark}`;
