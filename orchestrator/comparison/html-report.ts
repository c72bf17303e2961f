import { shortValueText } from '../recipe/value-text.ts';
import type { Chart } from './chart/chart.ts';
import type { Comparison, Finding } from './comparison.ts';
import { accuracyTables } from './report/accuracy-table.ts';
import { armsTable } from './report/arms-table.ts';
import { differentFields, method, nextCommands, runsTable, sharedFields } from './report/details.ts';
import { heldTimeTable } from './report/held-time-table.ts';
import { type Html, html, trusted, typeset } from './report/html-template.ts';
import { STYLE } from './report/style.ts';

/**
 * A chart with what it was drawn to; drawn with the palette `PAGE`, it follows the reader's colour scheme.
 */
export interface DrawnChart extends Chart {
  readonly svg: string;
}

export interface ReportInput {
  readonly comparison: Comparison;
  /** Name of the ablation or recipe. */
  readonly name: string;
  /** When the comparison was made, as it shall be shown. */
  readonly date: string;
  readonly charts: readonly DrawnChart[];
}

/** One file that stands by itself: no script, no resource from elsewhere; every value in it is escaped. */
export function htmlReport({ comparison, name, date, charts }: ReportInput): string {
  const drawn = (id: Chart['id']) => charts.filter((chart) => chart.id === id).map(figure);
  const { arms, findings } = comparison;
  const accuracies = accuracyTables(comparison);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: comparison</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="kicker">Comparison of ${arms.length} ${arms.length === 1 ? 'run' : 'runs'}</p>
<h1>${name}</h1>
${about(comparison, date)}
</header>
${section('findings', 'Findings', findingsList(findings))}
<section>${drawn('accuracy')}</section>
${section('arms', 'The arms', armsTable(comparison))}
${accuracies.length === 0 ? null : section('accuracy', 'Accuracy by thinking budget', accuracies)}
<section>${[...drawn('adherence'), ...drawn('flips'), ...drawn('methods'), ...drawn('parallel')]}</section>
<section>${drawn('loss')}</section>
${section('cost', 'Where the cost went', [...drawn('phases'), heldTimeTable(comparison)])}
${section('recipes', 'What differed, and what did not', [
  differentFields(comparison),
  html`<h3 class="spaced">Equal in all arms</h3>`,
  sharedFields(comparison),
])}
${section('method', 'How the figures were computed', method(comparison))}
${section('runs', 'Runs and checkpoints', runsTable(comparison))}
${section('next', 'To go on', html`<pre><code>${nextCommands(comparison).join('\n')}</code></pre>`)}
<footer>Made by Stint on ${date}.</footer>
</main>
</body>
</html>
`.markup;
}

function section(id: string, title: string, content: Html | readonly Html[]): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}</section>`;
}

function about({ arms, factor }: Comparison, date: string): Html {
  const clusters = [...new Set(arms.map((arm) => arm.cluster))].join(', ');
  const values = arms.map((arm) => `${arm.name} ${shortValueText(arm.value)}`).join(', ');
  const facts: readonly (readonly [string, string])[] = [
    ['Factor', factor ?? 'none shared'],
    ...(factor === null ? [] : [['Arms', values] as const]),
    ['Cluster', clusters],
    ['Date', date],
  ];
  return html`<dl class="about">${facts.map(
    ([term, fact]) => html`<div><dt>${term}</dt><dd>${fact}</dd></div>`,
  )}</dl>`;
}

/** Of one subject; with many arms the rest is in the tables, and a reader has not stopped reading yet. */
const LISTED = 8;

/** The first thing the data tells stands large; everything, in its order, follows by subject. */
function findingsList(findings: readonly Finding[]): Html {
  const lead = findings.find((finding) => finding.told && finding.about !== 'caveat');
  const subjects = [...new Set(findings.map((finding) => finding.about))];
  return html`${lead === undefined ? null : html`<p class="lead">${sentence(lead.text)}</p>`}
<dl class="findings">${subjects.map((subject) => {
    const own = findings.filter((finding) => finding.about === subject && finding !== lead);
    if (own.length === 0) return null;
    const items = own.slice(0, LISTED).map(
      (finding) => html`<li class="${finding.told ? 'told' : 'untold'}">${sentence(finding.text)}</li>
`,
    );
    const rest = own.length - LISTED;
    const more = rest > 0 ? html`<li class="untold">${rest} more in the tables below.</li>` : null;
    return html`<dt>${sentence(subject)}</dt><dd><ul>${items}${more}</ul></dd>
`;
  })}</dl>`;
}

/** Arms keep their names' case: only a sentence that starts with a word of ours starts large. */
function sentence(text: string): string {
  const large = text.replace(/^(?:no|the|thinking|accuracy|cost|caveat)\b/, (word) => capitalised(word));
  return typeset(large);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function figure(chart: DrawnChart): Html {
  return html`<figure>
<figcaption><h3>${chart.title}</h3><p>${chart.caption}</p></figcaption>
<div class="scroll" tabindex="0" role="region" aria-label="${chart.title}">
<div role="img" aria-label="${chart.alternative}">${trusted(chart.svg)}</div>
</div>
</figure>`;
}
