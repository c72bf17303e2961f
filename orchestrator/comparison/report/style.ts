import { FONT } from '../chart/chart.ts';
import { customProperties, DARK, LIGHT } from '../chart/palette.ts';

/** The report's whole look. Printed pages are light whatever the screen is. */
export const STYLE = `
:root { color-scheme: light dark; ${customProperties(LIGHT)} }
@media (prefers-color-scheme: dark) { :root { ${customProperties(DARK)} } }
@media print { :root { color-scheme: light; ${customProperties(LIGHT)} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--surface); color: var(--ink); font: 400 1rem/1.55 ${FONT}; }
main { max-width: 60rem; margin: 0 auto; padding: 3rem 2rem 4rem; }
h1 {
  margin: 0;
  font-size: 2.1rem;
  line-height: 1.2;
  font-weight: 650;
  letter-spacing: -0.015em;
  overflow-wrap: anywhere;
}
h2 { margin: 0 0 1rem; font-size: 1.2rem; line-height: 1.3; font-weight: 650; }
h3 { margin: 0 0 0.5rem; font-size: 0.95rem; line-height: 1.4; font-weight: 650; }
p { margin: 0 0 0.75rem; max-width: 68ch; }
section { margin-top: 3.25rem; }
code, pre {
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
  font-size: 0.86em;
}
pre code { font-size: 1em; }
.kicker { margin: 0 0 0.35rem; color: var(--muted); font-size: 0.85rem; }
.quiet { color: var(--muted); }
.glyph { width: 0.72em; height: 0.72em; margin-right: 0.45em; flex: none; display: inline-block; }
.about {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(11rem, auto));
  gap: 0.9rem 2.5rem;
  margin: 1.6rem 0 0;
  padding: 1rem 0;
  border-block: 1px solid var(--line);
  justify-content: start;
}
.about dt { color: var(--muted); font-size: 0.8rem; }
.about dd { margin: 0; overflow-wrap: anywhere; }
.lead {
  font-size: 1.45rem;
  line-height: 1.35;
  font-weight: 500;
  letter-spacing: -0.008em;
  margin-bottom: 1.6rem;
  max-width: 40ch;
  text-wrap: balance;
}
.findings { display: grid; grid-template-columns: 9.5rem 1fr; gap: 0; margin: 0; }
.findings dt, .findings dd { margin: 0; padding: 0.75rem 0; border-top: 1px solid var(--line); }
.findings dt { color: var(--muted); font-size: 0.9rem; padding-top: 0.83rem; }
.findings ul { list-style: none; margin: 0; padding: 0; }
.findings li + li { margin-top: 0.4rem; }
.findings .untold { color: var(--muted); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--series-1); outline-offset: 4px; }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
.note { color: var(--muted); font-size: 0.9rem; }
.scroll + .note { margin-top: 2rem; }
th, td {
  padding: 0.42rem 0 0.42rem 1.25rem;
  text-align: right;
  vertical-align: baseline;
  font-weight: 400;
  white-space: nowrap;
}
th:first-child, td:first-child { padding-left: 0; text-align: left; }
thead th { font-weight: 650; border-bottom: 1px solid var(--muted); vertical-align: bottom; }
thead .glyph { vertical-align: 0; }
tbody th { color: var(--ink); }
tbody tr + tr > * { border-top: 1px solid var(--line); }
tbody.group tr:first-child > th { padding-top: 1.1rem; color: var(--muted); font-size: 0.85rem; }
tbody.group tr:first-child > *, tbody.group tr:nth-child(2) > * { border-top: 0; }
tfoot > tr > * { border-top: 1px solid var(--muted); font-weight: 650; }
td small, th small { color: var(--muted); font-size: 0.88em; }
td.told { font-weight: 650; }
.text td, .text th { text-align: left; white-space: normal; overflow-wrap: anywhere; }
figure { margin: 0; }
figcaption { margin-bottom: 1rem; }
figcaption h3 { margin: 0; }
figcaption p { margin: 0.15rem 0 0; color: var(--muted); font-size: 0.9rem; }
figure svg { display: block; max-width: 100%; height: auto; }
.spaced { margin-top: 2rem; }
figure + .scroll { margin-top: 1.75rem; }
figure + figure { margin-top: 2.5rem; }
.swatch { display: inline-block; width: 0.72em; height: 0.72em; margin-right: 0.55em; border-radius: 1px; }
.fields { columns: 2; column-gap: 3rem; margin: 0; font-size: 0.88rem; }
.fields div {
  display: flex;
  justify-content: space-between;
  gap: 1rem;
  padding: 0.28rem 0;
  border-bottom: 1px solid var(--line);
  break-inside: avoid;
}
.fields dt { color: var(--muted); flex: none; max-width: 75%; overflow-wrap: anywhere; }
.fields dd { margin: 0; min-width: 0; text-align: right; overflow-wrap: anywhere; }
pre {
  margin: 0;
  padding: 1rem 1.2rem;
  background: var(--raised);
  border-radius: 6px;
  overflow-x: auto;
  line-height: 1.7;
}
footer {
  margin-top: 3.5rem;
  padding-top: 1rem;
  border-top: 1px solid var(--line);
  color: var(--muted);
  font-size: 0.85rem;
}
@media (max-width: 40rem) {
  main { padding: 1.75rem 1.1rem 3rem; }
  h1 { font-size: 1.65rem; }
  .lead { font-size: 1.22rem; }
  .findings { grid-template-columns: 1fr; }
  .findings dd { border-top: 0; padding-top: 0; }
  .findings dt { padding-bottom: 0.2rem; }
  .fields { columns: 1; }
  table { font-size: 0.84rem; }
  th, td { padding-left: 0.8rem; }
  td { white-space: normal; }
  td small { display: block; white-space: nowrap; }
  tbody th:first-child { white-space: normal; min-width: 6.5rem; }
  figure svg { width: 42rem; max-width: none; }
}
@media print {
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  section { margin-top: 1.6rem; }
  figure, tr, .findings li, pre { break-inside: avoid; }
  h2, figcaption { break-after: avoid; }
  .scroll { overflow: visible; }
  pre { white-space: pre-wrap; }
}
`;
