import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { type Sweep, SweepSchema } from '../../orchestrator/plan/sweep.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

async function sweep(series: string, recipe = 'recipes/s1-32b.yaml', options = {}) {
  const { context, printed, told } = commandContext({ home: temporaryFolder(), openWorkplace: noHome });
  const code = await plan(recipe, { cluster: 'h100-16', sweep: series, ...options }, context);
  return { code, text: printed.join('\n'), told };
}
const noHome = async (): Promise<never> => {
  throw new StintError({ code: 'no-home', what: 'no runs', todo: 'launch' });
};
const json = async (series: string, recipe?: string): Promise<Sweep> =>
  SweepSchema.parse(JSON.parse((await sweep(series, recipe, { json: true })).text));

const LENGTHS = 'training.sequenceLength=1024,2048,…,32768';

test('the curve says what each length cuts, takes and costs, which one cuts nothing, and where its knee is', async () => {
  const { points, whole, knee, longestSample, impossible, truncates } = await json(LENGTHS);
  expect(points.map(({ value }) => value)).toEqual([1024, 2048, 4096, 8192, 16384, 32768]);
  expect(points[whole ?? 0]).toMatchObject({ value: 16_384, truncatedShare: 0, refused: [] });
  expect(points[knee ?? 0]?.value).toBe(8_192);
  // What the paper says of its shortest ablation: 74% of the traces are longer than 4,096 tokens.
  expect(points[2]?.truncatedTraceShare).toBeCloseTo(0.74, 1);
  expect(longestSample).toBeGreaterThan(8_192);
  expect(longestSample).toBeLessThanOrEqual(16_384);
  expect(impossible).toEqual([]);
  expect(truncates).toBe(true);
  const shares = points.map(({ truncatedShare }) => truncatedShare);
  expect(shares.toSorted((a, b) => b - a)).toEqual(shares);
  const hours = points.map(({ gpuHours }) => gpuHours.expected);
  expect(hours.toSorted((a, b) => a - b)).toEqual(hours);
});

test('a person reads it as a table with its marks and what was taken for granted', async () => {
  const { text } = await sweep(LENGTHS);
  expect(text).toMatch(/sequenceLength +TRUNCATED +TRACES CUT +DEVICE-HOURS +COST +MEMORY +A STEP/);
  expect(text).toMatch(/ 8,192 .* knee *\n.* 16,384 .* truncates nothing/);
  expect(text).toContain('a sequence of that many truncates nothing');
  expect(text).toContain('The recipe refuses samples that are too long; here their ends are taken for cut.');
});

test('values that would be refused stay in the curve with the reason, and those without a plan are named', async () => {
  const { points, impossible, whole } = await json('training.globalBatch=1,16,64');
  expect(impossible.map(({ value }) => value)).toEqual([1]);
  expect(points.map(({ value }) => value)).toEqual([16, 64]);
  expect(whole).toBeNull();
  const long = await json('training.sequenceLength=16384,65536');
  expect(long.points[1]?.refused.join()).toMatch(/exceeds the model’s 32,768 positions/);
});

test('an ablation is swept over the factor in which its arms differ, and over nothing else', async () => {
  const ablation = 'recipes/ablations/sequence-length.yaml';
  expect((await json(LENGTHS, ablation)).points).toHaveLength(6);
  await expect(sweep('training.epochs=1,2', ablation)).rejects.toThrow(
    /cannot be swept over training.epochs/,
  );
});

test('a path that names no field is refused with the one that was meant', async () => {
  await expect(sweep('training.sequnceLength=1,2')).rejects.toThrow(/names no field/);
});

test('it is drawn where it is asked for', async () => {
  const file = join(temporaryFolder(), 'curves', 'lengths.svg');
  const { told } = await sweep(LENGTHS, undefined, { svg: file });
  expect(told).toEqual([`written: ${file}`]);
  const svg = readFileSync(file, 'utf8');
  for (const words of ['Samples that are cut', 'Device-hours', 'knee', 'nothing is cut', '16,384'])
    expect(svg).toContain(words);
});
