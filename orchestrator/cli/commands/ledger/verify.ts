import type { Answer } from '../../../contract/routes.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { counted, listed } from '../../../units/counted.ts';
import { formatDeviceTime, formatInteger } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';

/** `stint ledger verify`: whether every sum is what the facts say, to the millisecond. Exit code 1 where one is not. */
export async function verify(
  { json = false }: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const found = await stint.verifyLedger({});
  const { output } = context;
  if (json) printJson(output, found);
  else for (const line of lines(found)) output.print(line);
  if (found.wrong.length === 0) return 0;
  throw new StintError({
    code: 'ledger-differs',
    where: listed(found.wrong.slice(0, 5)),
    what: `the kept sums of ${counted(found.wrong.length, 'pod')} are not what their facts say`,
    why: 'sums follow from facts alone; somebody has changed them in the store, or this is a defect',
    todo: 'report this with the store; facts are unharmed, and nothing may be billed from these sums',
  });
}

function lines(found: Answer<'verifyLedger'>): readonly string[] {
  const { runs, pods, facts, gpuMilliseconds, doubtfulPods, doubtfulMilliseconds, unboundPods, wrong } =
    found;
  return [
    `${formatInteger(facts)} facts of ${counted(pods, 'pod')} in ${counted(runs, 'run')}: ${formatDeviceTime(gpuMilliseconds)} held (${formatInteger(gpuMilliseconds)} GPU-ms)`,
    ...(wrong.length === 0 ? ['every sum by pod, day, phase and use equals what the facts say'] : []),
    ...(doubtfulPods > 0
      ? [
          `${counted(doubtfulPods, 'pod')} ended unseen: ${formatDeviceTime(doubtfulMilliseconds)} are billed and in doubt`,
        ]
      : []),
    ...(unboundPods.length > 0
      ? [
          `of ${counted(unboundPods.length, 'pod')} nobody saw the binding, so their time is not billed: ${listed(unboundPods.slice(0, 5))}`,
        ]
      : []),
  ];
}
