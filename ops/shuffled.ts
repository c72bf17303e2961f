// The suite again and again, each time in another order and with a fresh seed: `node ops/shuffled.ts [--times N] [--seed N] [PART…]`.
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { check } from './run-step.ts';
import { shuffledPage } from './shuffled/page.ts';
import { SHUFFLED_PARTS, type ShuffledPart, shuffledStep } from './shuffled/shuffled-step.ts';
import type { Tally } from './test-report.ts';
import { REPORTS } from './test-steps.ts';

const PAGE = 'docs/shuffled.md';
const TIMES = 10;
/** What hypothesis, fast-check and vitest all take. */
const LARGEST_SEED = 2 ** 31;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: String(TIMES) }, seed: { type: 'string' } },
});
const isPart = (name: string): name is ShuffledPart => SHUFFLED_PARTS.some((part) => part === name);
const wanted = positionals.length === 0 ? [...SHUFFLED_PARTS] : positionals.filter(isPart);
const times = Number(values.times);
const seed = values.seed === undefined ? randomInt(LARGEST_SEED - TIMES) : Number(values.seed);
if (wanted.length < positionals.length || !(times > 0) || !(seed >= 0)) {
  console.error(`error: no such parts, times or seed\n  to do: choose among ${SHUFFLED_PARTS.join(', ')}`);
  process.exit(2);
}
mkdirSync(REPORTS, { recursive: true });
const all: Tally[] = [];
for (let each = seed; each < seed + times; each += 1) {
  const tallies: Partial<Record<ShuffledPart, Tally>> = {};
  const date = new Date().toISOString().slice(0, 10);
  for (const part of wanted) {
    tallies[part] = await check(shuffledStep(part, each));
    const before = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '';
    writeFileSync(PAGE, shuffledPage(before, { date, seed: each, tallies }));
  }
  all.push(...Object.values(tallies));
}
const sum = (of: (tally: Tally) => number) => all.reduce((total, tally) => total + of(tally), 0);
const total: Tally = {
  passed: sum(({ passed }) => passed),
  failed: sum(({ failed }) => failed),
  skipped: [],
};
writeFileSync(`${REPORTS}/shuffled.json`, JSON.stringify(total));
process.exitCode = total.failed === 0 ? 0 : 1;
