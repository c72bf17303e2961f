import { controlLabel } from '../../evaluation/control-summary.ts';
import { canBeTold } from '../../evaluation/paired-difference.ts';
import type { ComparedArm, Comparison, Evaluation } from '../comparison.ts';
import { intervalText } from '../interval-text.ts';
import { armHeading } from './arm-glyph.ts';
import { type Html, html, typeset } from './html-template.ts';

/** One table a benchmark: each control's accuracy and thinking for every arm, and the arms' differences. */
export function accuracyTables(comparison: Comparison): readonly Html[] {
  const all = comparison.arms.flatMap((arm) => arm.evaluations);
  return [...new Set(all.map((evaluation) => evaluation.benchmark))].map((benchmark) =>
    accuracyTable(benchmark, comparison),
  );
}

function accuracyTable(benchmark: string, comparison: Comparison): Html {
  const arms = comparison.arms.filter((arm) => arm.evaluations.some((own) => own.benchmark === benchmark));
  const differences = comparison.differences.filter((difference) => difference.benchmark === benchmark);
  const pairs = arms.filter((arm) => differences.some((difference) => difference.arm === arm.name));
  const reference = differences[0]?.reference ?? '';
  const rows = controlsOf(arms, benchmark).map((control) => {
    const label = controlLabel(control);
    const cells = arms.map((arm) => {
      const own = arm.evaluations.find((one) => one.benchmark === benchmark && controlLabel(one) === label);
      return own === undefined
        ? html`<td>–</td><td>–</td>`
        : html`${accuracyCell(own)}<td>${own.meanThinkingTokens.toFixed(1)}</td>`;
    });
    const gaps = pairs.map((arm) => {
      const gap = differences.find((one) => one.arm === arm.name && controlLabel(one) === label)?.accuracy;
      if (gap === undefined) return html`<td>–</td>`;
      return html`<td class="${canBeTold(gap) ? 'told' : 'quiet'}">${typeset(intervalText(gap))}</td>`;
    });
    return html`<tr><th scope="row">${label}</th>${cells}${gaps}</tr>
`;
  });
  const n = arms[0]?.evaluations.find((own) => own.benchmark === benchmark)?.n ?? 0;
  const heads = arms.map((arm) => {
    const heading = armHeading(arm.name, comparison.arms.indexOf(arm));
    return html`<th scope="col">${heading}</th><th scope="col">tokens</th>`;
  });
  const gapHeads = pairs.map((arm) => html`<th scope="col">${arm.name} − ${reference}</th>`);
  const bold = pairs.length === 0 ? '' : ' Differences whose interval leaves 0 out are bold.';
  return html`<p class="note">${benchmark}, ${n} questions. Share answered right with its 95% interval;
mean thinking tokens a question.${bold}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Accuracy on ${benchmark}"><table>
<thead><tr><th scope="col">Control</th>${heads}${gapHeads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function accuracyCell({ accuracy, low, high }: Evaluation): Html {
  return html`<td>${accuracy.toFixed(2)} <small>[${low.toFixed(2)}, ${high.toFixed(2)}]</small></td>`;
}

/** Each control that any arm was evaluated under, budgets first and rising. */
function controlsOf(arms: readonly ComparedArm[], benchmark: string): readonly Evaluation[] {
  const all = arms.flatMap((arm) => arm.evaluations.filter((own) => own.benchmark === benchmark));
  const distinct = new Map(all.map((evaluation) => [controlLabel(evaluation), evaluation]));
  return [...distinct.values()].toSorted((a, b) => a.times - b.times || a.budget - b.budget);
}
