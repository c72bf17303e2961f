import { OWNER } from '../../contract/caller.ts';
import type { Answer, Stint } from '../../contract/routes.ts';
import { loadPriceBook } from '../../documents/load-price-book.ts';
import { StintError } from '../../errors/stint-error.ts';
import { costRecords } from '../../ledger/cost-records.ts';
import { type CostRow, sumRows } from '../../ledger/cost-rows.ts';
import { FOCUS_COLUMNS } from '../../ledger/focus.ts';
import { listCharges } from '../../operations/list-charges.ts';
import { sumCost } from '../../operations/sum-cost.ts';
import { formatDeviceTime } from '../../units/format.ts';
import type { CliContext } from '../context.ts';
import { type CostOptions, type CostQuery, costQuery } from '../cost-query.ts';
import { type Output, printJson } from '../output.ts';
import { costCsv } from '../render/cost-csv.ts';
import { costTable } from '../render/cost-table.ts';
import { renderCsv } from '../render/csv.ts';
import { unseenText } from '../unseen-text.ts';

/** `stint cost [RUN…] --by …`: what was held, what of it was waste, and what it cost. Rows add up to their totals exactly. */
export async function cost(
  references: readonly string[],
  options: CostOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const query = costQuery(options);
  const { by, since, until, format } = query;
  const stint = await costly(options, context);
  const runs = references.length > 0 ? [...references] : undefined;
  if (format === 'focus') {
    printCharges(await stint.listCharges({ runs, since, until }), output);
    return 0;
  }
  const answer = await stint.sumCost({ runs, since, until, by: [...by] });
  for (const line of unseenText(answer)) output.tell(line);
  const rows = answer.rows.map(rowOf);
  if (format === 'json') printJson(output, costRecords(rows));
  else if (format === 'csv') output.print(costCsv(costRecords(rows), by));
  else printTable(rows, answer, query, output);
  return 0;
}

type Costly = Pick<Stint, 'sumCost' | 'listCharges'>;

/** With the prices of a book that was named on the command line, or else with those of where the store is. */
async function costly({ prices }: CostOptions, context: CliContext): Promise<Costly> {
  if (prices === undefined) return context.openStint();
  if (context.server !== null) throw pricesAtServer(context.server);
  const book = await loadPriceBook(prices, context.home);
  const desk = { workplace: await context.openWorkplace(), caller: OWNER };
  return {
    sumCost: (question) => sumCost(desk, question, book),
    listCharges: (question) => listCharges(desk, question, book),
  };
}

const rowOf = ({ cost: of, ...row }: Answer<'sumCost'>['rows'][number]): CostRow => ({
  ...row,
  cost: of && { currency: of.currency, total: BigInt(of.total), waste: BigInt(of.waste) },
});

function printTable(
  rows: readonly CostRow[],
  { arms, published }: Answer<'sumCost'>,
  { by }: CostQuery,
  output: Output,
): void {
  if (rows.length === 0) {
    output.tell('No device time has been held in that time.');
    return;
  }
  const names = {
    armOf: (run: string) => arms[run] ?? null,
    publishedOf: (recipe: string) => published[recipe] ?? null,
  };
  output.print(costTable(rows, by, names, output.isTerminal ? { width: output.width } : {}));
  const all = sumRows(rows);
  const priceless = sumRows(rows.filter((row) => row.cost === null)).gpuMilliseconds;
  if (priceless > 0)
    output.tell(
      `No price is known for ${formatDeviceTime(priceless)}: add them to the home's prices.yaml, or name a price book with --prices.`,
    );
  if (all.doubtfulMilliseconds > 0)
    output.tell(
      `In doubt: ${formatDeviceTime(all.doubtfulMilliseconds)} beside it, of pods of which nobody knows whether they held their devices for longer; nobody is billed for it.`,
    );
}

function printCharges({ charges, unseen }: Answer<'listCharges'>, output: Output): void {
  for (const line of unseenText({ unseen })) output.tell(line);
  if (charges.length === 0) output.tell('No device time has been held in that time.');
  output.print(
    renderCsv(
      FOCUS_COLUMNS,
      charges.map((charge) => FOCUS_COLUMNS.map((column) => charge[column] ?? null)),
    ),
  );
}

const pricesAtServer = (server: string): StintError =>
  new StintError({
    code: 'wrong-option',
    where: '--prices',
    what: `the prices that hold are those of ${server}`,
    why: 'what a team pays follows from one price book',
    todo: "leave --prices out, or put the book into the server's home as prices.yaml",
  });
