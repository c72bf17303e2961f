import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedModel, serveModel } from './serve-model.ts';
import { checkpointIn, newHome, RECIPES, samplesOf, stint, stintJson } from './stint.ts';

const POSITIONS = 256;
const ARCHITECTURE =
  '{layers: 1, hiddenSize: 64, queryHeads: 2, keyValueHeads: 2, headSize: 32, feedForwardSize: 128, tiedEmbeddings: true, ropeTheta: 10000, maxPositions: 256';
const THINKING = 'thinking: {start: "<think>\\n", end: "</think>", answerStart: "</think>\\n\\n"}';
const ASKED = `
evaluation:
  benchmarks:
    - name: running-digit
      source: {kind: generated, generator: running-digit, samples: 24, seed: 1000, additions: {median: 3, min: 2, max: 6}}
  controls:
    - {kind: budget, maxThinkingTokens: 6}
    - {kind: budget, maxThinkingTokens: 48}
    - {kind: wait, times: 2, maxThinkingTokens: 64}
  maxAnswerTokens: 8
  batch: 24
`;

interface Partings {
  readonly answers: number;
  readonly partings: readonly { readonly token: number; readonly inPrompt: boolean }[];
}
interface Sample {
  readonly prompt: string;
  readonly thinking: string;
  readonly answer: string;
  readonly forced: boolean;
  readonly label: string;
  readonly control: string;
}

describe('a model that thinks between <think> and </think>', () => {
  let home: string;
  let served: ServedModel;
  let run: string;
  let checkpoint: string;
  const of: Record<'again' | 'there' | 's1', string> = { again: '', there: '', s1: '' };
  const at = (name: string) => join(home, name);
  const partings = (one: string, other: string) =>
    stintJson<Partings>(home, 'compare', one, other, '--tokens');

  beforeAll(async () => {
    home = await newHome();
    const tiny = await readFile(join(RECIPES, 'tiny.yaml'), 'utf8');
    const trained = tiny
      .replace(/architecture: .*/, `architecture: ${ARCHITECTURE}}`)
      .replace(
        /source: .*/,
        `source: {kind: generated, generator: running-digit, samples: 1600, seed: 1, additions: {median: 3, min: 2, max: 6}}\n  ${THINKING}`,
      )
      .replace('epochs: 8', 'epochs: 3');
    await writeFile(at('trained.yaml'), `${trained}${ASKED}`);
    await writeFile(at('again.yaml'), `kind: Evaluation\nname: again\n${ASKED}`);
    const launched = await stint(home, 'launch', at('trained.yaml'), '--cluster', 'laptop', '--wait');
    if (launched.code !== 0) throw new Error(launched.stderr);
    checkpoint = checkpointIn(launched.stdout);
    const [only] = (await stintJson<{ runs: { id: string }[] }>(home, 'runs', 'ls')).runs;
    run = only?.id ?? '';
    served = await serveModel(at(`local/volumes/work/runs/${run}/model`), POSITIONS);
    const model = `model: {kind: pretrained, repository: ${at(`local/volumes/work/runs/${run}/model`)}, architecture: ${ARCHITECTURE}, vocabularySize: 460}}`;
    const there = `kind: Evaluation\nname: there\n${model}\nprompt:\n  systemPrompt: null\n`;
    await writeFile(at('there.yaml'), `${there}  ${THINKING}\n${ASKED}`);
    await writeFile(at('s1.yaml'), `${there}${ASKED}`);
    of.again = await evaluated('again.yaml', '--checkpoint', checkpoint);
    of.there = await evaluated('there.yaml', '--endpoint', served.url);
    of.s1 = await evaluated('s1.yaml', '--endpoint', served.url);
  });
  afterAll(() => served?.stop());

  async function evaluated(recipe: string, ...who: string[]): Promise<string> {
    const told = await stintJson<{ run: string }>(home, 'eval', at(recipe), ...who, '--cluster', 'laptop');
    return told.run;
  }

  it('is trained to end its thinking there, is cut at the maximum, and goes on behind a Wait', async () => {
    const rows = await samplesOf<Sample>(home, run);
    expect(rows).toHaveLength(3 * 24);
    expect(rows.every(({ label }) => label === 'obeyed' || label === 'impossible')).toBe(true);
    for (const { thinking, answer, forced } of rows) {
      expect(thinking).not.toContain('</think>');
      expect(answer.startsWith('Final Answer:') || !forced).toBe(true);
    }
    const by = (control: string) => rows.filter((row) => row.control === control);
    expect(by('budget').some(({ forced }) => forced)).toBe(true);
    expect(by('budget').some(({ forced }) => !forced)).toBe(true);
    const waits = by('wait').filter(({ label }) => label === 'obeyed');
    expect(waits.length).toBeGreaterThan(0);
    // It doubts itself now and then, too.
    for (const { thinking } of waits) expect(thinking.split('Wait').length).toBeGreaterThanOrEqual(3);
  });

  it('is asked as it was trained where its checkpoint is named, and gives the same tokens', async () => {
    expect(await partings(run, of.again)).toMatchObject({ answers: 72, partings: [] });
  });

  it('gives the same tokens behind a server', async () => {
    expect(await partings(of.again, of.there)).toMatchObject({ answers: 72, partings: [] });
    expect(await partings(of.there, run)).toMatchObject({ answers: 72, partings: [] });
  });

  it('parts from itself behind the prompt where it is asked between s1’s delimiters', async () => {
    const { answers, partings: parted } = await partings(of.there, of.s1);
    expect([answers, parted.length]).toEqual([72, 72]);
    expect(parted.every(({ token, inPrompt }) => token === 0 && !inPrompt)).toBe(true);
    const { stdout } = await stint(home, 'compare', of.there, of.s1, '--tokens');
    expect(stdout).toMatch(/^72 of 72 answers part between/);
  });

  it('is not asked to count steps, which s1’s delimiters set off', async () => {
    const steps = ASKED.replace(
      '{kind: budget, maxThinkingTokens: 6}',
      '{kind: step, steps: 4, maxThinkingTokens: 6}',
    );
    await writeFile(at('steps.yaml'), `kind: Evaluation\nname: steps\n${steps}`);
    const refused = await stint(
      home,
      'eval',
      at('steps.yaml'),
      '--checkpoint',
      checkpoint,
      '--cluster',
      'laptop',
    );
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('evaluation.controls[0].kind'),
    });
  });
});
