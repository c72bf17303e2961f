import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Comparison } from '../../orchestrator/comparison/comparison.ts';
import { compareServed, makeModel, makeParquet, realTraces } from './own-model.ts';
import { readmeSection, type Section } from './readme-section.ts';
import { type Ended, newHome, stintIn } from './stint.ts';

const traces = await realTraces();
if (traces === null) console.log('skipped: ../shared/data/marco-o1-traces.jsonl is not there');

/** Few and short, so that three trainings take minutes on a laptop. */
const SAMPLES = 16;
const QUESTIONS = 4;

const asLines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe.skipIf(traces === null)('README’s own model and data, typed as it stands there', () => {
  let folder: string;
  let section: Section;
  const ended = new Map<string, Ended>();
  const at = (name: string) => join(folder, name);
  const told = (beginning: string): Ended => {
    const found = [...ended].find(([command]) => command.startsWith(beginning));
    if (found === undefined) throw new Error(`README has no command that begins with ${beginning}`);
    return found[1];
  };
  const json = async <T>(...args: string[]): Promise<T> =>
    JSON.parse((await stintIn(folder, ...args, '--json')).stdout) as T;
  interface Listed {
    readonly runs: readonly { readonly id: string; readonly ablation: string | null }[];
  }

  /** What stands for something that only the reader's machine knows. */
  async function filledIn(command: string): Promise<readonly string[]> {
    if (!/\b(?:RUN|CHECKPOINT)\b/.test(command)) return command.split(/\s+/).slice(2);
    const { runs } = await json<Listed>('runs', 'ls');
    const { checkpoints } = await json<{ readonly checkpoints: readonly { readonly id: string }[] }>(
      'checkpoints',
      'ls',
    );
    const arms = runs.filter(({ ablation }) => ablation !== null).map(({ id }) => id);
    return command
      .split(/\s+/)
      .slice(2)
      .map((word) =>
        word === 'RUN' ? (arms.pop() ?? word) : word === 'CHECKPOINT' ? (checkpoints[0]?.id ?? word) : word,
      );
  }

  beforeAll(async () => {
    folder = await newHome();
    section = await readmeSection('Your own model and data');
    const rows = (traces ?? []).slice(0, SAMPLES + QUESTIONS);
    await writeFile(at('traces.jsonl'), asLines(rows.slice(0, SAMPLES)));
    await writeFile(at('held-out.jsonl'), asLines(rows.slice(SAMPLES)));
    await Promise.all([makeModel(at('my-model')), makeParquet(at('traces.jsonl'), at('traces.parquet'))]);
    for (const { name, content } of section.yaml) if (name !== null) await writeFile(at(name), content);
    for (const command of section.commands)
      ended.set(command, await stintIn(folder, ...(await filledIn(command))));
  }, 2_400_000);

  it('has only commands that end well', () => {
    expect(section.commands.length).toBeGreaterThanOrEqual(7);
    for (const [command, { code, stdout, stderr }] of ended)
      expect({ command, code, said: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({
        command,
        code: 0,
        said: '',
      });
  });

  it('has only sentences whose commands end well, too', async () => {
    expect(section.inline).toContain('stint data inspect my.yaml --write-lengths');
    for (const command of section.inline)
      expect(await stintIn(folder, ...command.split(' ').slice(1))).toMatchObject({ code: 0 });
    expect(await readFile(at('my.yaml'), 'utf8')).toMatch(/^ {2}lengths:$/m);
  });

  it('plans the samples that training reads, and says what it rests on', () => {
    expect(told('npx stint plan').stdout).toMatch(new RegExp(`\\b${SAMPLES} samples\\b`));
    expect(told('npx stint data inspect').stdout).toMatch(new RegExp(`\\b${SAMPLES}\\b`));
  });

  it('ends in a comparison of the arms and of the model that training began from', async () => {
    const { runs } = await json<Listed>('runs', 'ls');
    const arms = runs.filter(({ ablation }) => ablation !== null).map(({ id }) => id);
    const comparison = await json<Comparison>('compare', ...arms.toReversed());
    expect(comparison.factor).toBe('training.epochs');
    expect(comparison.arms.map(({ name }) => name).toSorted()).toEqual(['once', 'thrice']);
    expect(comparison.untouched.map(({ name }) => name)).toEqual(['untouched']);
    for (const { evaluations } of [...comparison.arms, ...comparison.untouched])
      expect(evaluations.map(({ budget, n }) => [budget, n])).toEqual([
        [32, QUESTIONS],
        [128, QUESTIONS],
      ]);
    expect(existsSync(at('epochs.html'))).toBe(true);
  });

  it('leaves a folder that stock transformers continues as Stint does, logit by logit', async () => {
    const shown = told('npx stint checkpoints show').stdout;
    const made = shown.match(/\/\S+\/model\b/)?.[0] ?? '';
    const served = await compareServed(made, ['What is 1 + 1?', 'Warum ist der Himmel blau?']);
    expect(served).toHaveLength(2);
    for (const { furthest, transformers, stint } of served) {
      expect(furthest).toBeLessThan(1e-4);
      expect(transformers.length).toBeGreaterThan(0);
      expect(stint).toEqual(transformers);
    }
  });
});
