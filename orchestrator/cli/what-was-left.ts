import type { Reconciled } from '../controller/reconcile.ts';

/** How many a person is told the names of. */
const NAMED = 5;

/** What a person should know before any command of runs that nobody works on: one line a kind, however many they are. */
export function whatWasLeft(
  { interrupted, unattended, elsewhere }: Reconciled,
  machineOf: (host: string) => string,
): readonly string[] {
  const machines = Map.groupBy(elsewhere, ({ host }) => machineOf(host));
  return [
    ...(interrupted.length > 0 ? [gone(interrupted)] : []),
    ...(unattended.length > 0 ? [onTheirCluster(unattended)] : []),
    ...[...machines].map(([machine, of]) =>
      thereOnly(
        machine,
        of.map(({ run }) => run),
      ),
    ),
  ];
}

const gone = (runs: readonly string[]): string =>
  runs.length === 1
    ? `${runs[0]} was left by a stint process that is gone; it can be resumed: ${resume(runs)}`
    : `${counted(runs)} were left by stint processes that are gone; they can be resumed: ${resume(runs)}`;

const onTheirCluster = (runs: readonly string[]): string =>
  runs.length === 1
    ? `${runs[0]} is on its cluster, and no stint process works on it; take it over: ${resume(runs)}`
    : `${counted(runs)} are on their clusters, and no stint process works on them; take them over: ${resume(runs)}`;

const thereOnly = (machine: string, runs: readonly string[]): string =>
  runs.length === 1
    ? `${runs[0]} was left on ${machine}, and no stint process works on it; it can be resumed or cancelled there`
    : `${counted(runs)} were left on ${machine}, and no stint process works on them; they can be resumed or cancelled there`;

const counted = (runs: readonly string[]): string => `${runs.length} runs`;

const resume = (runs: readonly string[]): string =>
  `stint runs resume ${runs.slice(0, NAMED).join(' ')}${runs.length > NAMED ? ' …; `stint runs ls` names all' : ''}`;
