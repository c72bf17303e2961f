import { describe, expect, it } from 'vitest';
import { pinned } from '../../orchestrator/plan/pinned.ts';
import {
  asRead,
  inputsOfRecipe,
  type PlannedInput,
  type PlannedInputs,
} from '../../orchestrator/plan/planned-inputs.ts';
import type { Source } from '../../orchestrator/recipe/dataset.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import { recipe as scratch } from '../render/requests.ts';
import { recipe } from './fixtures.ts';

const s1 = recipe('s1-32b');
const COMMIT = 'c'.repeat(40);
const FILE: Source = { kind: 'file', path: 'a.jsonl' };
const hub = (revision: string): Source => ({ kind: 'huggingface', repository: 'a/b', revision }) as Source;
const reading = (source: Source, base: FineTune = s1): FineTune => ({
  ...base,
  dataset: { ...base.dataset, source },
});
const asking = (base: FineTune, ...sources: readonly Source[]): FineTune => {
  const [benchmark] = s1.evaluation?.benchmarks ?? [];
  if (s1.evaluation === undefined || benchmark === undefined) throw new Error('s1 is evaluated');
  const benchmarks = sources.map((source, index) => ({ ...benchmark, name: `b${index}`, source }));
  return { ...base, evaluation: { ...s1.evaluation, benchmarks } };
};
function trained(of: FineTune): FineTune {
  const { evaluation: _, ...rest } = of;
  return rest;
}
const known = (name: string): PlannedInput => ({ name, sha256: 'sha256:1', why: null });
const unknown = (name: string): PlannedInput => ({ name, sha256: null, why: 'not here' });
const inputs = (facts: Partial<PlannedInputs> = {}): PlannedInputs => ({
  model: unknown('m'),
  dataset: unknown('d'),
  benchmarks: [],
  ...facts,
});
const told = (of: FineTune, facts: Partial<PlannedInputs>) => {
  const { name, refuses, ok, message } = pinned(of, inputs(facts));
  expect([name, refuses]).toEqual(['pinned', false]);
  return [ok, message];
};

describe('what a run reads', () => {
  const local = trained(reading(FILE));
  const fixed = { ...local, model: { ...local.model, revision: COMMIT } } as FineTune;

  it('is pinned by its content where that was seen', () => {
    expect(told(fixed, { model: known('m'), dataset: known('d') })).toEqual([true, 'm, d by sha256']);
    expect(told(asking(fixed, FILE), { dataset: known('d'), benchmarks: [known('b0')] })).toEqual([
      true,
      'd, b0 by sha256',
    ]);
  });

  it('is pinned by prepare where it is not here', () => {
    expect(told(fixed, {})).toEqual([true, 'dataset.source.path, which is not on this machine, by prepare']);
    expect(told(asking(fixed, FILE, FILE), { dataset: known('d') })).toEqual([
      true,
      'd by sha256; evaluation.benchmarks[0].source.path and evaluation.benchmarks[1].source.path, which are not on this machine, by prepare',
    ]);
    const { revision: _, ...folder } = fixed.model as { revision?: string };
    const loaded = { ...fixed, model: folder } as FineTune;
    expect(told(loaded, { dataset: known('d') })[1]).toBe(
      'd by sha256; model.repository, which is not on this machine, by prepare',
    );
    expect(told(loaded, { model: known('m'), dataset: known('d') })[1]).toBe('m, d by sha256');
  });

  it('is pinned by commits, or by the recipe itself', () => {
    const repository = 'every repository by its commit, whose files prepare hashes';
    const generated = trained(scratch);
    expect(told(reading(hub(COMMIT), fixed), {})).toEqual([true, repository]);
    expect(told(reading(generated.dataset.source, fixed), {})).toEqual([true, repository]);
    expect(told(generated, { model: null })).toEqual([true, 'the recipe itself pins all that it reads']);
    expect(told(reading(hub(COMMIT), generated), { model: null })).toEqual([true, repository]);
  });

  it('is not where a revision moves, unless its content was seen', () => {
    const todo = 'put the commit’s hash there before a run whose result is to be repeated';
    const loose = reading(hub('unpinned'), fixed);
    expect(told(loose, {})).toEqual([false, `dataset.source.revision is unpinned: ${todo}`]);
    expect(told(loose, { dataset: known('d') })).toEqual([true, 'd by sha256']);
    expect(told(asking(loose, FILE, hub('unpinned')), { benchmarks: [known('b0')] })).toEqual([
      false,
      `dataset.source.revision and evaluation.benchmarks[1].source.revision are unpinned: ${todo}`,
    ]);
  });
});

describe('as far as the recipe alone says', () => {
  it('each input has a name, a digest or why there is none', () => {
    const folder = 'it is not on this machine; prepare pins the folder that it finds';
    const commit = `the commit ${COMMIT} pins it; prepare hashes what it reads`;
    const { revision: _, ...model } = s1.model as { revision?: string; repository: string };
    expect(inputsOfRecipe(trained({ ...s1, model } as FineTune)).model).toMatchObject({
      name: model.repository,
      sha256: null,
      why: folder,
    });
    const read = (source: Source) => inputsOfRecipe(trained(reading(source)));
    expect(inputsOfRecipe({ ...s1, model: { ...s1.model, revision: COMMIT } } as FineTune).model?.why).toBe(
      commit,
    );
    expect(read(FILE).dataset).toEqual({
      name: 'a.jsonl',
      sha256: null,
      why: 'it is not on this machine; prepare pins the files that it finds',
    });
    expect(read({ kind: 'file', path: ['a', 'b'], sha256: 'sha256:1' }).dataset).toEqual({
      name: 'a, b',
      sha256: 'sha256:1',
      why: null,
    });
    expect(read(hub(COMMIT)).dataset).toEqual({ name: 'a/b', sha256: null, why: commit });
    expect(read(hub('unpinned')).dataset?.why).toBe('nothing pins it until prepare has read it');
    expect(inputsOfRecipe(trained(scratch))).toEqual({
      model: null,
      dataset: {
        name: 'running-digit',
        sha256: null,
        why: 'it is made by its generator, which the recipe’s settings and seed pin',
      },
      benchmarks: [],
    });
    expect(inputsOfRecipe(asking(scratch, FILE, hub(COMMIT))).benchmarks.map(({ name }) => name)).toEqual([
      'b0',
      'b1',
    ]);
  });

  it('what prepare has read takes its place, by the benchmarks’ names', () => {
    const planned = inputs({ benchmarks: [unknown('x'), unknown('y')] });
    const read = {
      model: null,
      dataset: { sha256: 'sha256:d' },
      benchmarks: [
        { name: 'y', sha256: 'sha256:y' },
        { name: 'z', sha256: 'sha256:z' },
      ],
    };
    expect(asRead(planned, read)).toEqual({
      model: unknown('m'),
      dataset: { name: 'd', sha256: 'sha256:d', why: null },
      benchmarks: [unknown('x'), { name: 'y', sha256: 'sha256:y', why: null }],
    });
    expect(asRead(planned, { ...read, model: { sha256: 'sha256:m' } }).model).toEqual({
      name: 'm',
      sha256: 'sha256:m',
      why: null,
    });
    expect(asRead({ ...planned, model: null }, read).model).toBeNull();
    expect(asRead(planned, undefined)).toEqual(planned);
  });
});
