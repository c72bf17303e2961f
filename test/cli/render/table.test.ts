import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Column, renderTable } from '../../../orchestrator/cli/render/table.ts';
import { textWidth } from '../../../orchestrator/cli/render/text-width.ts';

interface Run {
  readonly id: string;
  readonly state: string;
  readonly steps: number | null;
  readonly cost: string;
}
const columns: readonly Column<Run>[] = [
  { header: 'RUN', cell: (run) => run.id },
  { header: 'STATE', cell: (run) => run.state },
  { header: 'STEPS', cell: (run) => run.steps },
  { header: 'COST', cell: (run) => run.cost, align: 'right' },
];
const runs: readonly Run[] = [
  { id: 'r-01k9short', state: 'succeeded', steps: 1000, cost: '0.00470 USD' },
  { id: 'r-01k9long', state: 'failed: the disk of the work folder is full', steps: null, cost: '12.00 USD' },
];
/** Trailing blanks are part of the layout and invisible in a snapshot. */
const marked = (text: string) => `\n${text.replace(/$/gm, '|')}\n`;

test('aligns texts left and figures right, without boxes', () => {
  expect(marked(renderTable(runs, columns))).toMatchInlineSnapshot(`
    "
    RUN           STATE                                         STEPS          COST|
    r-01k9short   succeeded                                      1000   0.00470 USD|
    r-01k9long    failed: the disk of the work folder is full       -     12.00 USD|
    "
  `);
});

test('cuts texts, never figures, when a width is given', () => {
  expect(marked(renderTable(runs, columns, { width: 60 }))).toMatchInlineSnapshot(`
    "
    RUN           STATE                      STEPS          COST|
    r-01k9short   succeeded                   1000   0.00470 USD|
    r-01k9long    failed: the disk of the…       -     12.00 USD|
    "
  `);
  const narrow = renderTable(runs, columns, { width: 10 });
  expect(narrow).toContain('0.00470 USD');
  expect(narrow).toContain('1000');
});

const anyRun = fc.record({
  id: fc.string({ unit: 'grapheme' }),
  state: fc.string(),
  steps: fc.option(fc.nat(), { nil: null }),
  cost: fc.string({ maxLength: 8 }),
});

test('every line has the same width whatever the cells hold, even line breaks and wide letters', () => {
  fc.assert(
    fc.property(
      fc.array(anyRun),
      fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }),
      (rows, width) => {
        const closed = [...columns, { header: '|', cell: () => '|' }];
        const lines = renderTable(rows, closed, width === undefined ? {} : { width }).split('\n');
        expect(lines).toHaveLength(rows.length + 1);
        expect(new Set(lines.map(textWidth)).size).toBe(1);
      },
    ),
  );
});

test('one long text makes no other line long', () => {
  const failed = { ...runs[0], state: `failed: ${'very '.repeat(100)}long` } as Run;
  const last = [
    { header: 'RUN', cell: (run: Run) => run.id },
    { header: 'STATE', cell: (run: Run) => run.state },
  ];
  const [header = '', first = '', second = ''] = renderTable([...runs.slice(0, 1), failed], last).split('\n');
  expect(Math.max(textWidth(header), textWidth(first))).toBeLessThan(40);
  expect(second).toContain('very long');
});

test('fits any width that its figures and narrowest texts leave room for', () => {
  fc.assert(
    fc.property(fc.array(anyRun), fc.integer({ min: 60, max: 120 }), (rows, width) => {
      for (const line of renderTable(rows, columns, { width }).split('\n')) {
        expect(textWidth(line)).toBeLessThanOrEqual(width);
      }
    }),
  );
});
