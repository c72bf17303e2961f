import { valueText } from '../../recipe/value-text.ts';
import type { ComparedArm, Comparison } from '../comparison.ts';
import { armHeading } from './arm-glyph.ts';
import { type Html, html } from './html-template.ts';

export function differentFields({ arms, factor, recipeDifferences }: Comparison): Html {
  const fields = [
    ...(factor === null ? [] : [{ path: factor, values: arms.map((arm) => arm.value) }]),
    ...recipeDifferences,
  ];
  if (fields.length === 0) return html`<p>No field differs.</p>`;
  const heads = arms.map((arm, index) => html`<th scope="col">${armHeading(arm.name, index)}</th>`);
  const rows = fields.map(({ path, values }) => {
    const cells = values.map((value) => html`<td>${valueText(value)}</td>`);
    return html`<tr><th scope="row"><code>${path}</code></th>${cells}</tr>
`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Fields that differ"><table>
<thead><tr><th scope="col">Field that differs</th>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

export function sharedFields({ shared }: Comparison): Html {
  const fields = Object.entries(shared).map(
    ([path, value]) => html`<div><dt>${path}</dt><dd>${valueText(value)}</dd></div>
`,
  );
  return html`<dl class="fields">${fields}</dl>`;
}

const RUN_COLUMNS = ['Arm', 'Run', 'State', 'Checkpoint', 'Recipe digest'];

export function runsTable({ arms }: Comparison): Html {
  const rows = arms.map(
    (arm, index) => html`<tr><th scope="row">${armHeading(arm.name, index)}</th>
<td><code>${arm.run}</code></td><td>${arm.missing ?? arm.state}</td>
<td>${arm.checkpoint === null ? 'none' : html`<code>${arm.checkpoint}</code>`}</td>
<td><code>${shortDigest(arm.recipeDigest)}</code></td></tr>
`,
  );
  const heads = RUN_COLUMNS.map((title) => html`<th scope="col">${title}</th>`);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Runs and checkpoints">
<table class="text"><thead><tr>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** Enough of a digest to tell it by. */
function shortDigest(digest: string): string {
  return digest.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…');
}

export function method({ differences, gains, parallel }: Comparison): Html {
  const within = gains.length + parallel.length;
  const counts = [
    ...(differences.length > 0 ? [`${2 * differences.length} between arms`] : []),
    ...(within > 0 ? [`${within} within them`] : []),
  ];
  const made = counts.length > 0 ? ` (here ${counts.join(' and ')})` : '';
  return html`<p>The interval of one accuracy is the exact one of Clopper and Pearson (1934) at 95% where each question has one answer,
and that of Korn and Graubard (1998) where it has several. A difference is taken question by
question, over questions whose digests are equal. The interval of a difference in accuracy is, with one answer to
each question, that of Bonett and Price (2012) for paired proportions, and holds 0 wherever McNemar’s exact test
at 5% cannot tell a difference; with several, it is Student’s over the gaps of the questions. That of a
difference in thinking is Student’s, widened for skew. A difference is called one only
when its interval leaves 0 out.</p>
<p>Intervals are not widened for the number of comparisons${made}: where there is no difference, up to
one in twenty leaves 0 out by chance. They cover the choice of questions, not that of the training seed;
another seed gives another model.</p>
<p>Control, scaling and performance are those of s1 (Muennighoff et al. 2025, section 3.2). Scaling is
the mean slope over all pairs of evaluations by one method, in percentage points per doubling of thinking tokens;
where two budgets end in nearly the same thinking, their slope means little and still counts.</p>
<p>Final loss is the mean over the last tenth of the steps. Device-hours are held from a pod’s binding
to its proven end; the productive part is that of steps that led to a result, or to the attempt that went on
from them, and of questions that were answered. Cost is that time at the cluster
profile’s price; cost per point divides all of it by the best accuracy on one benchmark, in percentage points.</p>`;
}

/** What a reader would type next. */
export function nextCommands({ arms }: Comparison): readonly string[] {
  return [
    ...arms.flatMap((arm) => (arm.checkpoint === null ? [] : [`stint checkpoints verify ${arm.checkpoint}`])),
    ...arms.flatMap(continuation),
    'stint cost',
    `stint compare ${arms.map((arm) => arm.run).join(' ')} --json`,
  ];
}

function continuation(arm: ComparedArm): readonly string[] {
  if (arm.state === 'succeeded') return [];
  return [arm.state === 'interrupted' ? `stint runs resume ${arm.run}` : `stint runs show ${arm.run}`];
}
