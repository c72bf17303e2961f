import { podStatements } from '../../controller/held-by-phase.ts';
import { decimalsFor, makePrice, roundAmounts } from '../../ledger/price.ts';
import { rollUp } from '../../ledger/roll-up.ts';
import { formatDeviceTime } from '../../units/format.ts';
import type { CliContext } from '../context.ts';
import { printJson } from '../output.ts';
import { renderTable } from '../render/table.ts';
import { findRuns } from '../run-reference.ts';

/** `stint cost [RUN…]`: what was held and what it cost, by run and phase. Rows add up to the totals exactly. */
export async function cost(
  references: readonly string[],
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { output } = context;
  const records =
    references.length > 0 ? await findRuns(workplace.store, references) : await workplace.store.runs.list();
  const known = new Map(records.map((record) => [record.id, record]));
  const pods = await podStatements(workplace, references.length > 0 ? [...known.keys()] : undefined);
  const rows = rollUp(pods, ['run', 'phase'], ({ run }) => {
    const price = known.get(run)?.profile.price;
    return price ? makePrice(price.currency, price.perDeviceHour) : null;
  });
  const held = rows.filter((row) => row.gpuMilliseconds > 0);
  const amounts = held.map((row) => row.cost?.amount ?? 0n);
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  const decimals = decimalsFor(total);
  const texts = roundAmounts(amounts, options.json ? 9 : decimals);
  if (options.json) {
    const list = held.map(({ run, phase, gpuMilliseconds, cost: money }, index) => ({
      run,
      phase,
      gpuMilliseconds,
      cost: money && Number(texts[index]),
      currency: money?.currency ?? null,
    }));
    printJson(output, list);
    return 0;
  }
  if (held.length === 0) {
    output.tell('No device time has been held yet.');
    return 0;
  }
  const lines = held.map((row, index) => ({
    ...row,
    text: row.cost ? `${texts[index]} ${row.cost.currency}` : 'no price known',
  }));
  const table = renderTable(lines, [
    { header: 'RUN', cell: (row) => row.run ?? null },
    { header: 'ARM', cell: (row) => known.get(row.run ?? '')?.arm ?? null },
    { header: 'PHASE', cell: (row) => row.phase ?? null },
    { header: 'HELD', cell: (row) => formatDeviceTime(row.gpuMilliseconds), align: 'right' },
    { header: 'COST', cell: (row) => row.text, align: 'right' },
  ]);
  output.print(table);
  const time = held.reduce((sum, row) => sum + row.gpuMilliseconds, 0);
  const currencies = [...new Set(held.flatMap((row) => row.cost?.currency ?? []))];
  const money = currencies.length === 1 ? `, ${roundAmounts([total], decimals)[0]} ${currencies[0]}` : '';
  output.print(`total: ${formatDeviceTime(time)}${money}`);
  return 0;
}
