import { formatInteger } from '../../units/format.ts';
import { oneLine, truncate } from './text-width.ts';

/** Data may have thousands of columns, and a name of any length; `--json` has them whole. */
const SHOWN = 40;
const WIDEST = 60;

/** The names of data's columns in a line that a person can read. */
export function columnNames(columns: readonly string[]): string {
  if (columns.length === 0) return 'none';
  const shown = columns.slice(0, SHOWN).map((column) => truncate(oneLine(column), WIDEST));
  const more = columns.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${formatInteger(more)} more` : '');
}
