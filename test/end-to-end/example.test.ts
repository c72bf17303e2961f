import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { exampleData } from '../../ops/example/bus-rides.ts';
import { fitProfile } from '../../ops/example/fit-profile.ts';
import { machineMemory } from '../../ops/example/machine-memory.ts';
import { profileText } from '../../ops/example/profile-text.ts';
import { type ListedRun, unfinishedRuns } from '../../ops/example/unfinished-runs.ts';
import type { Comparison } from '../../orchestrator/comparison/comparison.ts';
import type { AblationPlan } from '../../orchestrator/plan/plan.ts';
import type { Ablation } from '../../orchestrator/recipe/ablation.ts';
import { newHome, showRun, startStint, stepReached, stint, stintJson, until } from './stint.ts';

const PYTHON = '.venv/bin/python';
const SAMPLES = 24;
const QUESTIONS = 4;
/** Of trainer/tests/gguf_files.py. Its vocabulary has a token a byte, so the same texts are longer. */
const ARCHITECTURE = {
  layers: 2,
  hiddenSize: 32,
  queryHeads: 4,
  keyValueHeads: 2,
  headSize: 8,
  feedForwardSize: 48,
  vocabularySize: 262,
  tiedEmbeddings: true,
  ropeTheta: 100_000,
  rmsNormEpsilon: 1e-5,
  maxPositions: 512,
};
const LENGTHS = { long: 320, cut: 112 };

let home: string;
const at = (name: string) => join(home, name);
const listed = async () => (await stintJson<{ runs: readonly ListedRun[] }>(home, 'runs', 'ls')).runs;

/** recipes/smollm2.yaml with another model, fewer rides, and lengths that suit that model's tokens. */
async function smallRecipe(): Promise<string> {
  const { base, arms, ...rest } = parse(await readFile('recipes/smollm2.yaml', 'utf8')) as Ablation;
  if (typeof base === 'string') throw new Error('the example is written out');
  const { lengths: _, ...dataset } = base.dataset;
  return stringify({
    ...rest,
    arms: arms.map((arm) => ({ ...arm, value: LENGTHS[arm.name as keyof typeof LENGTHS] })),
    base: {
      ...base,
      model: { ...base.model, repository: '../model', architecture: ARCHITECTURE },
      dataset,
      training: { ...base.training, sequenceLength: LENGTHS.long, globalBatch: 2 },
    },
  });
}

beforeAll(async () => {
  home = await newHome();
  await execa(PYTHON, ['-m', 'trainer.tests.gguf_files', at('small.gguf')]);
  await execa(PYTHON, ['-m', 'trainer.convert', at('small.gguf'), at('model')]);
  await mkdir(at('recipes/data'), { recursive: true });
  await writeFile(at('recipes/small.yaml'), await smallRecipe());
  for (const [name, text] of Object.entries(exampleData())) {
    const lines = text.split('\n').slice(0, name.includes('test') ? QUESTIONS : SAMPLES);
    await writeFile(at(`recipes/data/${name}`), `${lines.join('\n')}\n`);
  }
  const profile = fitProfile({ cores: availableParallelism(), memoryBytes: machineMemory() });
  if (profile === null) throw new Error('this machine is too small for the example');
  await writeFile(at('this-machine.yaml'), profileText('.', profile));
});

describe('the way of the example, with a small model', () => {
  it('plans its data as it lies here', async () => {
    const { arms } = await stintJson<AblationPlan>(
      home,
      'plan',
      at('recipes/small.yaml'),
      '--cluster',
      at('this-machine.yaml'),
    );
    expect(arms.map(({ plan }) => [plan.basis, plan.samples])).toEqual([
      ['measured', SAMPLES],
      ['measured', SAMPLES],
    ]);
    expect(arms[0]?.plan.truncatedShare).toBe(0);
    expect(arms[1]?.plan.truncatedShare).toBeGreaterThan(0);
  });

  it('goes on after Ctrl-C where it was and ends with both arms beside the untouched model', async () => {
    const first = startStint(
      home,
      'launch',
      at('recipes/small.yaml'),
      '--cluster',
      at('this-machine.yaml'),
      '--wait',
    );
    await until('a step is trained', async () => (await stepReached(home)) > 0);
    first.kill('SIGINT');
    await first;
    const unfinished = unfinishedRuns(await listed(), 'smollm2');
    expect(unfinished).toHaveLength(2);

    const second = await stint(home, 'runs', 'resume', ...unfinished, '--wait');
    expect(second).toMatchObject({ code: 0 });
    const runs = await listed();
    expect(runs.map(({ state }) => state)).toEqual(['succeeded', 'succeeded']);
    expect(unfinishedRuns(runs, 'smollm2')).toEqual([]);
    const shown = await Promise.all(unfinished.map((id) => showRun(home, id)));
    expect(shown.map(({ steps }) => steps)).toEqual([SAMPLES / 2, SAMPLES / 2]);

    const { arms, untouched } = await stintJson<Comparison>(home, 'compare', runs[0]?.ablation ?? '');
    expect(arms.map(({ name }) => name)).toEqual(['long', 'cut']);
    expect(untouched.map(({ name }) => name)).toEqual(['untouched']);
    expect(second.stdout).toMatch(/^BENCHMARK .* untouched .* long .* cut /m);
  });
});
