import { S1_METHODS } from '../../../evaluation/paper-s1.ts';
import {
  type NotReproducible,
  notReproducible,
  type RecomputedMethod,
  recomputePaper,
} from '../../../evaluation/recompute-paper.ts';
import { oneOf } from '../../../recipe/one-of.ts';
import { formatInteger } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

export interface PaperOptions {
  readonly paper: string;
  readonly json?: boolean;
}

const PAPERS = { s1: S1_METHODS } as const;

/** `stint eval --paper s1`: the metrics of a paper's own table made again from the points that it published. */
export async function recompute(
  { paper, json }: PaperOptions,
  { output }: Pick<CliContext, 'output'>,
): Promise<number> {
  const methods = methodsOf(paper);
  const rows = recomputePaper(methods);
  const not = notReproducible(methods);
  if (json) {
    const each = (metric: 'control' | 'scaling' | 'performance') =>
      Object.fromEntries(rows.map(({ method, recomputed }) => [method, recomputed[metric]]));
    printJson(output, {
      paper,
      control: each('control'),
      scaling: each('scaling'),
      performance: each('performance'),
      printed: Object.fromEntries(rows.map(({ method, printed }) => [method, printed])),
      notReproducible: not,
    });
    return 0;
  }
  output.print(table(rows));
  output.print(
    '\nAIME24. Control: evaluations that think within what was asked. Scaling: mean slope of accuracy over all pairs of evaluations, in points a doubling of thinking. Best: the highest accuracy.',
  );
  for (const finding of not) output.print(sentence(finding, nameOf(rows, finding.method)));
  return 0;
}

const methodsOf = (paper: string) =>
  PAPERS[oneOf('--paper', paper, Object.keys(PAPERS) as (keyof typeof PAPERS)[], 'no-such-paper')];

function sentence({ metric, printed, recomputed, withoutOne }: NotReproducible, name: string): string {
  const off = (value: number) => Math.abs(value - printed);
  const [nearest] = withoutOne.toSorted((a, b) => off(a[metric]) - off(b[metric]));
  const what = `Not reproducible: the ${metric} of ${name}, ${printed}. The published points give ${recomputed.toFixed(1)}`;
  if (nearest === undefined) return `${what}.`;
  const others = withoutOne.some(({ reproducible }) => reproducible)
    ? ''
    : `, and then the best is ${nearest.performance.toFixed(1)}%: no choice of one fewer gives all that is printed`;
  return `${what}; nearest is ${nearest[metric].toFixed(1)}, without the evaluation at ${formatInteger(nearest.meanThinkingTokens)} tokens${others}.`;
}

const nameOf = (rows: readonly RecomputedMethod[], method: string): string =>
  rows.find((row) => row.method === method)?.name ?? method;

const table = (rows: readonly RecomputedMethod[]): string =>
  renderTable(rows, [
    { header: 'METHOD', cell: ({ name }) => name },
    { header: 'CONTROL', align: 'right', cell: ({ recomputed }) => `${recomputed.control.toFixed(0)}%` },
    { header: 'PRINTED', align: 'right', cell: ({ printed }) => `${printed.control}%` },
    { header: 'SCALING', align: 'right', cell: ({ recomputed }) => recomputed.scaling.toFixed(1) },
    { header: 'PRINTED', align: 'right', cell: ({ printed }) => `${printed.scaling}` },
    { header: 'BEST', align: 'right', cell: ({ recomputed }) => `${recomputed.performance.toFixed(1)}%` },
    { header: 'PRINTED', align: 'right', cell: ({ printed }) => `${printed.performance.toFixed(1)}%` },
    { header: 'FROM', cell: ({ source }) => source },
  ]);
