import { controlLabel } from '../../evaluation/control-name.ts';
import { canBeTold } from '../../evaluation/paired-difference.ts';
import { counted } from '../../units/counted.ts';
import { formatInteger } from '../../units/format.ts';
import { CONTROL_KINDS } from '../../wire/evaluation-result.ts';
import type { ArmDifference, ComparedArm, Comparison, EvaluationRow, UntouchedModel } from '../comparison.ts';
import { intervalText } from '../interval-text.ts';
import { armHeading } from './arm-glyph.ts';
import { type Html, html, typeset } from './html-template.ts';

/** One table a benchmark: each control's accuracy and thinking for every arm, and the arms' differences. */
export function accuracyTables(comparison: Comparison): readonly Html[] {
  const all = modelsOf(comparison).flatMap((model) => model.evaluations);
  return [...new Set(all.map((evaluation) => evaluation.benchmark))].map((benchmark) =>
    accuracyTable(benchmark, comparison),
  );
}

type Model = ComparedArm | UntouchedModel;

/** What training began from comes first. */
const modelsOf = ({ arms, untouched }: Comparison): readonly Model[] => [...untouched, ...arms];

function accuracyTable(benchmark: string, comparison: Comparison): Html {
  const models = modelsOf(comparison).filter((model) =>
    model.evaluations.some((own) => own.benchmark === benchmark),
  );
  const differences = [...comparison.differences, ...comparison.overUntouched].filter(
    (difference) => difference.benchmark === benchmark,
  );
  const pairs = [...new Set(differences.map(pairOf))];
  const rows = controlsOf(models, benchmark).map((control) => {
    const label = controlLabel(control);
    const cells = models.map((model) => {
      const own = model.evaluations.find((one) => one.benchmark === benchmark && controlLabel(one) === label);
      return own === undefined
        ? html`<td>–</td><td>–</td>`
        : html`${accuracyCell(own)}<td>${own.meanThinkingTokens.toFixed(1)}${triesOf(own)}</td>`;
    });
    const gaps = pairs.map((pair) => {
      const gap = differences.find((one) => pairOf(one) === pair && controlLabel(one) === label)?.accuracy;
      if (gap === undefined) return html`<td>–</td>`;
      return html`<td class="${canBeTold(gap) ? 'told' : 'quiet'}">${typeset(intervalText(gap))}</td>`;
    });
    return html`<tr><th scope="row">${label}</th>${cells}${gaps}</tr>
`;
  });
  const n = models[0]?.evaluations.find((own) => own.benchmark === benchmark)?.n ?? 0;
  const heads = models.map((model) => {
    const index = comparison.arms.findIndex((arm) => arm === model);
    const heading = index < 0 ? html`<span>${model.name}</span>` : armHeading(model.name, index);
    return html`<th scope="col">${heading}</th><th scope="col">tokens</th>`;
  });
  const gapHeads = pairs.map((pair) => html`<th scope="col">${pair}</th>`);
  const bold = pairs.length === 0 ? '' : ' Differences whose interval leaves 0 out are bold.';
  return html`<p class="note">${benchmark}, ${counted(n, 'question')}. Share answered right with its 95% interval;
mean thinking tokens a question.${bold}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Accuracy on ${benchmark}"><table>
<thead><tr><th scope="col">Control</th>${heads}${gapHeads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

const pairOf = ({ arm, reference }: ArmDifference): string => `${arm} − ${reference}`;

/** What was thought in vain was paid for, too. */
function triesOf({ meanTries, meanDrawnTokens }: EvaluationRow): Html | null {
  if (meanTries === null || meanDrawnTokens === null) return null;
  return html` <small>${meanTries.toFixed(1)} tries, ${formatInteger(meanDrawnTokens)} drawn</small>`;
}

function accuracyCell({ accuracy, low, high }: EvaluationRow): Html {
  return html`<td>${accuracy.toFixed(2)} <small>[${low.toFixed(2)}, ${high.toFixed(2)}]</small></td>`;
}

/** Each control that any model was evaluated under, budgets first and rising. */
function controlsOf(models: readonly Model[], benchmark: string): readonly EvaluationRow[] {
  const all = models.flatMap((model) => model.evaluations.filter((own) => own.benchmark === benchmark));
  const distinct = new Map(all.map((evaluation) => [controlLabel(evaluation), evaluation]));
  const orderOf = ({ control }: EvaluationRow) => CONTROL_KINDS.indexOf(control);
  return [...distinct.values()].toSorted(
    (a, b) => orderOf(a) - orderOf(b) || a.times - b.times || a.budget - b.budget,
  );
}
