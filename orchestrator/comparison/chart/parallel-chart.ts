import { controlLabel } from '../../evaluation/control-name.ts';
import type { Comparison, EvaluationRow } from '../comparison.ts';
import type { Chart } from './chart.ts';
import { type Palette, seriesColour } from './palette.ts';
import { describePanel, type TokenPanel, type TokenPoint, tokenPanels } from './token-panel.ts';

const ONE = 'one answer';
const VOTE = 'a vote of several';

/** Longer thinking beside more answers, over the tokens of both. Null where no question was answered more than once. */
export function parallelChart({ arms }: Comparison, palette: Palette): Chart | null {
  const panels = arms.flatMap(({ name, evaluations }) =>
    [...new Set(evaluations.map(({ benchmark }) => benchmark))].flatMap(
      (benchmark): readonly TokenPanel[] => {
        const points = pointsOf(evaluations.filter((each) => each.benchmark === benchmark));
        return points.some(({ series }) => series === VOTE)
          ? [{ title: `${name}, ${benchmark}`, points }]
          : [];
      },
    ),
  );
  if (panels.length === 0) return null;
  const series = [ONE, VOTE].map((name, index) => ({ name, colour: seriesColour(palette, index) }));
  return {
    id: 'parallel',
    title: 'Thinking longer, or more often',
    caption:
      'Over the thinking tokens that a question takes in all: one answer after a thought of that length, under each budget and “Wait”, or ' +
      'what most of 2, 4, 8 and more answers say, under the largest budget. Each with its 95% interval.',
    alternative: `Accuracy by all thinking tokens of a question. ${panels.map(describePanel).join('; ')}.`,
    spec: tokenPanels(panels, series, 'Thinking tokens a question, of all its answers (log scale)', palette),
  };
}

function pointsOf(evaluations: readonly EvaluationRow[]): readonly TokenPoint[] {
  const steered = evaluations.filter(
    ({ control, meanThinkingTokens }) =>
      (control === 'budget' || control === 'wait') && meanThinkingTokens > 0,
  );
  const [largest] = steered
    .filter(({ control }) => control === 'budget')
    .toSorted((a, b) => b.budget - a.budget);
  const votes = (largest?.votes ?? []).filter(({ answers }) => answers > 1);
  return [
    ...steered.map((each) => ({
      ...each,
      series: ONE,
      tokens: each.meanThinkingTokens,
      words: controlLabel(each),
    })),
    ...votes.map(({ answers, majority: { share, low, high } }) => ({
      series: VOTE,
      tokens: answers * (largest?.meanThinkingTokens ?? 0),
      accuracy: share,
      low,
      high,
      words: `a vote of ${answers}`,
    })),
  ];
}
