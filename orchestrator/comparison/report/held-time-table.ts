import { costDecimals, formatDuration, formatPercent } from '../../units/format.ts';
import type { ComparedArm, Comparison } from '../comparison.ts';
import { heldMilliseconds, PHASES_AS_SHOWN } from '../held-time.ts';
import { armHeading } from './arm-glyph.ts';
import { type Html, html } from './html-template.ts';

/** Device time and cost by phase. A run has one price, so its cost divides as its time does. */
export function heldTimeTable({ arms }: Comparison): Html {
  const used = PHASES_AS_SHOWN.filter((phase) => arms.some((arm) => (arm.gpuMilliseconds[phase] ?? 0) > 0));
  const heads = arms.map(
    (arm, index) => html`<th scope="col">${armHeading(arm.name, index)}</th>
<th scope="col">share</th><th scope="col">${arm.currency}</th>`,
  );
  const rows = used.map((phase) => {
    const swatch = html`<span class="swatch" style="background:var(--phase-${phase})"></span>`;
    const figures = arms.map((arm) => cells(arm, arm.gpuMilliseconds[phase] ?? 0));
    return html`<tr><th scope="row">${swatch}${phase}</th>${figures}</tr>
`;
  });
  const totals = arms.map((arm) => cells(arm, heldMilliseconds(arm.gpuMilliseconds)));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Held time and cost by phase"><table>
<thead><tr><th scope="col">Phase</th>${heads}</tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">all</th>${totals}</tr></tfoot></table></div>`;
}

function cells(arm: ComparedArm, milliseconds: number): Html {
  const total = heldMilliseconds(arm.gpuMilliseconds);
  if (milliseconds === 0) return html`<td>–</td><td>–</td><td>–</td>`;
  const share = milliseconds / total;
  const cost = (arm.cost * share).toFixed(costDecimals(arm.cost));
  return html`<td>${formatDuration(milliseconds / 1000)}</td><td>${formatPercent(share)}</td><td>${cost}</td>`;
}
