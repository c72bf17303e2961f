import type { Coverage } from './coverage-of.ts';

/** The worst of all accuracies and correlations, by questions and samples, as a table of Markdown. */
export function coverageTable(found: readonly Coverage[]): string {
  const groups = Map.groupBy(found, ({ cell }) => `${cell.questions} | ${cell.samples}`);
  const rows = [...groups].map(([name, of]) => {
    const repeats = of[0]?.repeats ?? 'all are summed';
    const lowest = (by: 'accuracy' | 'difference') => percent(Math.min(...of.map((each) => each[by])));
    const claims = percent(Math.max(...of.map(({ falseClaims }) => falseClaims)));
    return `| ${name} | ${lowest('accuracy')} | ${lowest('difference')} | ${claims} | ${repeats} |`;
  });
  return [
    '| questions | answers to each | an accuracy is held, at least | a difference is held, at least | equal models are told apart, at most | benchmarks drawn in each cell |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;
