import { expect, it } from 'vitest';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { plan, recipe, withOtherTokens } from './fixtures.ts';

it('preparing takes longer, the more there is to tokenise', () => {
  const seconds = (otherTokens: number) => {
    const { stages } = plan(withOtherTokens(recipe('s1-32b'), otherTokens), 'h100-16');
    return stages?.find(({ name }) => name === 'prepare')?.duration.expectedSeconds ?? 0;
  };
  // 3,000 tokens more of each of 1,000 samples, at 300,000 a second.
  expect(seconds(3_100) - seconds(100)).toBeCloseTo(10, 6);
});

it('preparing fetches and reads a hub’s weights, reads those of a folder, and has none to read from scratch', () => {
  const base = recipe('s1-32b');
  const prepare = (model: object) => {
    const { stages } = plan(FineTuneSchema.parse({ ...base, model }), 'h100-16');
    return stages?.find(({ name }) => name === 'prepare');
  };
  const hub = prepare(base.model);
  const folder = prepare({ ...base.model, repository: 'models/mine', revision: undefined });
  const scratch = prepare({ kind: 'scratch', architecture: base.model.architecture });
  const seconds = (of: typeof hub) => of?.duration.expectedSeconds ?? 0;
  // 65.5 GB at 400 MB/s of the work volume, and at 100 MB/s of a hub.
  expect(seconds(folder) - seconds(scratch)).toBeCloseTo(65.5e9 / 4e8, -1);
  expect(seconds(hub) - seconds(folder)).toBeCloseTo(65.5e9 / 1e8, -1);
  expect(hub?.gpuHours).toEqual({ expected: 0, low: 0, high: 0 });
});

it('exporting reads and writes what the last checkpoint holds, two files of it in memory at a time', () => {
  const { stages } = plan('s1-32b', 'h100-16');
  const found = stages?.find(({ name }) => name === 'export');
  // 65.5 GB twice at 400 MB/s, in files of 5 GB.
  expect(found?.duration.expectedSeconds).toBeCloseTo(10 + (2 * 65.5e9) / 4e8, -1);
  expect(found?.memory.bytes).toBe(2 * 5e9 + 0.5e9);
});
