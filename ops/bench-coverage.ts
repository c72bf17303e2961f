// How often intervals hold what is true, and how often equal models are told apart: `npm run bench:coverage [-- PART]`. Of
// questions answered once all outcomes are summed; of others answers are drawn whose truth is known, of which PART 0.1 draws a
// tenth. The last line is JSON: [{name, value, goal, unit, ok}].
import { CELLS, type Coverage, coverageOf } from './coverage/coverage-of.ts';
import { coverageTable } from './coverage/coverage-table.ts';
import { exactCoverageOf } from './coverage/exact-coverage.ts';
import { printMeasures } from './print-measures.ts';

/** Benchmarks that are drawn in each cell: a share of 95% is known to 0.15 points by so many. */
const REPEATS = 20_000;
const [part = 1] = process.argv.slice(2).map(Number);

const found: Coverage[] = [];
for (const [index, cell] of CELLS.entries()) {
  found.push(
    cell.samples === 1
      ? exactCoverageOf(cell)
      : coverageOf(cell, Math.max(1, Math.ceil(part * REPEATS)), index + 1),
  );
  if (process.stderr.isTTY) process.stderr.write(`\r${index + 1} of ${CELLS.length} cells`);
}
if (process.stderr.isTTY) process.stderr.write('\n');
console.log(coverageTable(found));

/** Chance alone lets a share of so many repeats lie this much to either side, in one of hundreds of cells. */
const chance = (share: number, repeats: number | undefined) =>
  repeats === undefined ? 0 : 3.3 * Math.sqrt((share * (1 - share)) / repeats);
const judged = [
  {
    name: 'lowest coverage of an accuracy',
    value: Math.min(...found.map(({ accuracy }) => accuracy)),
    goal: 0.945,
    unit: 'share',
    ok: found.every(({ accuracy, repeats }) => accuracy >= 0.945 - chance(0.945, repeats)),
  },
  {
    name: 'lowest coverage of a difference',
    value: Math.min(...found.map(({ difference }) => difference)),
    goal: 0.945,
    unit: 'share',
    ok: found.every(({ difference, repeats }) => difference >= 0.945 - chance(0.945, repeats)),
  },
  {
    name: 'most false claims',
    value: Math.max(...found.map(({ falseClaims }) => falseClaims)),
    goal: 0.05,
    unit: 'share',
    ok: found.every(({ falseClaims, repeats }) => falseClaims <= 0.05 + chance(0.05, repeats)),
  },
];
printMeasures(judged.map((each) => ({ ...each, value: Number(each.value.toFixed(4)) })));
