import { oneLine, pad, textWidth, truncate } from './text-width.ts';

export interface Column<Row> {
  readonly header: string;
  /** Null is something not known and prints as `-`. A number prints as it is and stands right. */
  readonly cell: (row: Row) => string | number | null;
  /** Figures with a unit are text, so they say that they stand right. */
  readonly align?: 'left' | 'right';
}

const GAP = '   ';
/** Narrower than this a text says nothing. */
const NARROWEST = 6;

/**
 * Columns aligned, no boxes, no blanks at the end of a line, so that one long text makes no other line long: made to be read, and piped to grep and awk. With
 * `width`, text columns are cut so that lines fit it where they can; figures never are, as a cut figure is
 * a lie.
 */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: { readonly width?: number } = {},
): string {
  const values = rows.map((row) => columns.map((column) => column.cell(row)));
  const aligns = columns.map((column, index) => column.align ?? alignOf(values.map((cells) => cells[index])));
  const lines = [
    columns.map((column) => column.header),
    ...values.map((cells) => cells.map((value) => oneLine(String(value ?? '-')))),
  ];
  const natural = columns.map((_, index) => Math.max(...lines.map((cells) => textWidth(cells[index] ?? ''))));
  const widths = options.width === undefined ? natural : fit(natural, aligns, options.width);
  return lines
    .map((cells) =>
      cells
        .map((cell, index) => {
          const width = widths[index] ?? 0;
          return pad(truncate(cell, width), width, aligns[index] ?? 'left');
        })
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

function alignOf(values: readonly unknown[]): 'left' | 'right' {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length > 0 && known.every((value) => typeof value === 'number') ? 'right' : 'left';
}

/**
 * Takes columns off the widest text column, one at a time, until the line fits or every text is at its
 * narrowest.
 */
function fit(natural: readonly number[], aligns: readonly string[], width: number): readonly number[] {
  const widths = [...natural];
  const total = () => widths.reduce((sum, column) => sum + column, 0) + GAP.length * (widths.length - 1);
  while (total() > width) {
    const texts = widths.map((column, index) => (aligns[index] === 'left' ? column : 0));
    const widest = Math.max(...texts);
    if (widest <= NARROWEST) break;
    widths[texts.indexOf(widest)] = widest - 1;
  }
  return widths;
}
