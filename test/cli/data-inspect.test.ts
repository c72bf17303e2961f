import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { inspect } from '../../orchestrator/cli/commands/data/inspect.ts';
import { plan } from '../../orchestrator/cli/commands/plan.ts';
import type { DataReader } from '../../orchestrator/controller/data-reader.ts';
import { requirePython } from '../../orchestrator/documents/require-python.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import type { DataReport } from '../../orchestrator/plan/data-report.ts';
import { type Plan } from '../../orchestrator/plan/plan.ts';
import { type Sweep, SweepSchema } from '../../orchestrator/plan/sweep.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';
import { trainersReader } from './trainers-reader.ts';

/** The trainer's own reader, and how often it was asked. */
function countedReader(): DataReader & { readonly asked: () => number } {
  let asked = 0;
  return {
    asked: () => asked,
    digest: trainersReader.digest,
    inspect: (request, onProgress) => {
      asked += 1;
      return trainersReader.inspect(request, onProgress);
    },
  };
}

const row = (length: number, of = 'problem') =>
  `${JSON.stringify({ [of]: 'Add 1 to 1.', reasoning: 'one '.repeat(length), solution: '2', other: 'Add 2 to 1.' })}\n`;

const scratch = (path: string, more = '') => `kind: FineTune
name: own
model: {kind: scratch, architecture: {layers: 1, hiddenSize: 32, queryHeads: 2, keyValueHeads: 2, headSize: 16, feedForwardSize: 64, tiedEmbeddings: true}}
dataset:
  source: {kind: file, path: ${path}}
  fields: {question: problem, trace: reasoning, answer: solution}
  overLength: truncate
training: {sequenceLength: 256, epochs: 1, globalBatch: 2, compute: fp32, compile: false, optimizer: {learningRate: 3.0e-3}}
${more}`;

const ablation = (factor: string, values: readonly unknown[]) => `kind: Ablation
name: arms
base: own.yaml
factor: ${factor}
arms: ${JSON.stringify(values.map((value, index) => ({ name: `arm-${index + 1}`, value })))}
`;

let home: string;
let reader: ReturnType<typeof countedReader>;
const at = (name: string) => join(home, name);

beforeEach(async () => {
  home = temporaryFolder();
  reader = countedReader();
  await writeFile(at('short.jsonl'), [3, 4, 5].map((length) => row(length)).join(''));
  await writeFile(at('long.jsonl'), [30, 40, 50, 60].map((length) => row(length)).join(''));
  await writeFile(at('own.yaml'), scratch('short.jsonl'));
});

async function look(target: string, options: Parameters<typeof inspect>[1] = {}) {
  const { context, printed, told } = commandContext({ home, dataReader: reader });
  await inspect(at(target), options, context);
  return { text: printed.join('\n'), told };
}
const report = async (target: string, options = {}) =>
  JSON.parse((await look(target, { ...options, json: true })).text) as DataReport & {
    arms?: readonly { readonly names: readonly string[]; readonly samples: number }[];
  };

describe('stint data inspect', () => {
  it('looks at each set of arms that reads other data, and at one that all share once', async () => {
    await writeFile(at('data.yaml'), ablation('dataset.source.path', ['short.jsonl', 'long.jsonl']));
    const { rows, arms } = await report('data.yaml');
    expect(rows).toBe(3);
    expect(arms?.map(({ names, samples }) => [names, samples])).toEqual([
      [['arm-1'], 3],
      [['arm-2'], 4],
    ]);
    const { text } = await look('data.yaml');
    expect(text).toMatch(/data\.yaml, arm arm-1: 3 rows[^]*data\.yaml, arm arm-2: 4 rows/);
    await expect(look('data.yaml', { svg: at('x.svg') })).rejects.toThrow(/differ in data or model/);

    await writeFile(at('epochs.yaml'), ablation('training.epochs', [1, 2]));
    expect((await report('epochs.yaml')).arms).toBeUndefined();
    expect(reader.asked()).toBe(2);
  });

  it('reads data once for its content: other bytes are read again, also under the same size and time', async () => {
    const before = await report('own.yaml');
    expect(await report('own.yaml')).toEqual(before);
    expect(reader.asked()).toBe(1);
    const { atime, mtime } = await stat(at('short.jsonl'));
    const changed = (await readFile(at('short.jsonl'), 'utf8')).replace('Add 1 to 1.', 'Add 3 to 1.');
    await writeFile(at('short.jsonl'), changed);
    await utimes(at('short.jsonl'), atime, mtime);
    const after = await report('own.yaml');
    expect(reader.asked()).toBe(2);
    expect(after.sha256).not.toBe(before.sha256);
  });

  it('takes a column that is named for one part, and guesses the other two', async () => {
    const named = await report('short.jsonl', { question: 'other' });
    expect(named.fields).toEqual({ question: 'other', trace: 'reasoning', answer: 'solution' });
    expect(named.brokenRows).toBe(0);
    const missing = await report('short.jsonl', { question: 'nowhere' });
    expect(missing.brokenRows).toBe(3);
    expect(missing.broken[0]?.what).toContain('"nowhere" is missing');
  });

  it('does not call rows usable of which nobody knows the columns, or where there are none', async () => {
    await writeFile(at('odd.jsonl'), '{"q": "a"}\n{"q": "b"}\n');
    expect((await look('odd.jsonl')).text).toMatch(
      /odd\.jsonl: 2 rows\n[^]*No column was found for question/,
    );
    for (const [name, text] of [
      ['empty.jsonl', ''],
      ['header.csv', 'question,trace,answer\n'],
      ['list.json', '[]'],
    ] as const) {
      await writeFile(at(name), text);
      expect((await look(name)).text).toBe(`${at(name)}: 0 rows, and training needs at least one`);
    }
  });

  it('draws the lengths with the place where the sequence length cuts', async () => {
    await writeFile(
      at('long.yaml'),
      scratch('long.jsonl').replace('sequenceLength: 256', 'sequenceLength: 64'),
    );
    const { told } = await look('long.yaml', { svg: at('lengths.svg') });
    expect(told).toContain(`written: ${at('lengths.svg')}`);
    const svg = await readFile(at('lengths.svg'), 'utf8');
    expect(svg).toMatch(/^<svg[^]*Tokens of a sample[^]*Samples[^]*<\/svg>\s*$/);
    expect(svg).toContain('sequenceLength 64');
    const { lengths } = await report('long.yaml');
    const bars = svg.match(/aria-roledescription="bar"/g) ?? [];
    expect(bars).toHaveLength(lengths?.bins.length ?? -1);
  });

  it('refuses a split of what is no repository, and of a recipe that says its own', async () => {
    await expect(look('short.jsonl', { split: 'test' })).rejects.toThrow(
      /only a hub's repository has splits/,
    );
    await expect(look('own.yaml', { config: 'main' })).rejects.toThrow(/says itself which split/);
  });
});

describe('stint plan of data that lies here', () => {
  const noHome = async (): Promise<never> => {
    throw new StintError({ code: 'no-home', what: 'no runs', todo: 'launch' });
  };
  const planned = async (options: object, dataReader: DataReader = reader) => {
    const { context, printed } = commandContext({ home, dataReader, openWorkplace: noHome });
    await plan(at('long.yaml'), { cluster: 'laptop', json: true, ...options }, context);
    return JSON.parse(printed.join('\n')) as unknown;
  };

  it('sweeps over the lengths that were measured, not over a distribution', async () => {
    await writeFile(at('long.yaml'), scratch('long.jsonl'));
    const { lengths } = await report('long.yaml');
    const [cut, whole] = [(lengths?.median ?? 0) - 1, lengths?.max ?? 0];
    const sweep: Sweep = SweepSchema.parse(
      await planned({ sweep: `training.sequenceLength=${cut},${whole}` }),
    );
    expect(sweep.longestSample).toBe(whole);
    expect(sweep.points.map(({ truncatedShare }) => truncatedShare)).toEqual([expect.any(Number), 0]);
    expect(sweep.points[0]?.truncatedShare).toBeGreaterThanOrEqual(0.5);
    expect((await planned({})) as Plan).toMatchObject({ basis: 'measured', samples: 4 });
    // All of it was read once.
    expect(reader.asked()).toBe(1);
  });

  it('names the file, and the line where one is known, of data that cannot be read at all', async () => {
    await writeFile(at('rows.parquet'), 'PK and more');
    await writeFile(at('rows.csv'), 'question,trace,answer\na,b,c\n"a,b,c\n');
    for (const [name, where] of [
      ['rows.parquet', at('rows.parquet')],
      ['rows.csv', `${at('rows.csv')}:3`],
    ] as const) {
      const refused = await report(name).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StintError);
      expect((refused as StintError).problems).toMatchObject([{ code: 'data-not-readable', where }]);
    }
  });

  it('says how to install the reader where there is none', async () => {
    await writeFile(at('long.yaml'), scratch('long.jsonl'));
    const withoutPython: DataReader = {
      digest: reader.digest,
      inspect: async () => {
        await requirePython(home);
        throw new Error('there is no environment in that folder');
      },
    };
    await expect(planned({}, withoutPython)).rejects.toThrow(
      /Python environment of the trainer is not installed/,
    );
  });
});
