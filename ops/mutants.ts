// Faults made on purpose in rooms of the domain, and whether the rooms' tests notice: `node ops/mutants.ts
// [--percent N [--seed N]] [ROOM…]`.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EQUIVALENTS } from './mutants/equivalents.ts';
import { installStryker } from './mutants/install.ts';
import { mutantsOf } from './mutants/mutant.ts';
import { MUTATED_ROOMS } from './mutants/rooms.ts';
import { runStryker } from './mutants/run-stryker.ts';
import type { Sample } from './mutants/sample.ts';
import { isGoodEnough, mutantsPage, percent, type RoomResult, scoreOf } from './mutants/score.ts';
import { REPORTS } from './test-steps.ts';

const PAGE = 'docs/mutants.md';

async function mutate(room: string, sample: Sample): Promise<RoomResult> {
  const startedAt = performance.now();
  const mutants = mutantsOf(await runStryker(room, sample));
  const own = EQUIVALENTS.filter(({ file }) => file.startsWith(`orchestrator/${room}/`));
  const score = scoreOf(room, mutants, own, sample.percent === 100);
  const lines = [
    ...score.unnoticed.map(({ file, line, becomes }) => `${file}:${line} not noticed: ${becomes}`),
    ...score.stale.map(({ file, becomes }) => `${file} listed as equivalent, and is not: ${becomes}`),
  ];
  writeFileSync(`${REPORTS}/mutants-${room}.txt`, lines.map((line) => `${line}\n`).join(''));
  for (const line of lines) console.log(line);
  console.log(`${room}: ${percent(score)}% of ${mutants.length - score.equivalent} noticed`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { score, sample, seconds, date: new Date().toISOString().slice(0, 10) };
}

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { percent: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
const sample: Sample = { percent: Number(values.percent), seed: Number(values.seed) };
if (!(sample.percent > 0 && sample.percent <= 100) || !Number.isSafeInteger(sample.seed)) {
  console.error('error: no such sample\n  to do: give --percent from 1 to 100, and an integer as --seed');
  process.exit(2);
}
const unknown = wanted.find((room) => !MUTATED_ROOMS.some((each) => each === room));
if (unknown !== undefined) {
  console.error(`error: there is no room "${unknown}"\n  to do: choose among ${MUTATED_ROOMS.join(', ')}`);
  process.exit(2);
}
mkdirSync(REPORTS, { recursive: true });
await installStryker(console.log);
const results: RoomResult[] = [];
for (const room of wanted.length === 0 ? MUTATED_ROOMS : wanted) {
  results.push(await mutate(room, sample));
  const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
  writeFileSync(PAGE, mutantsPage(before, MUTATED_ROOMS, results));
}
const passed = results.filter(({ score }) => isGoodEnough(score)).length;
const failed = results.length - passed;
writeFileSync(`${REPORTS}/mutants.json`, JSON.stringify({ passed, failed, skipped: [] }));
process.exitCode = failed === 0 ? 0 : 1;
