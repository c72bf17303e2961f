import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { installLocked } from '../../ops/install-locked.ts';
import { checkpointIn, newHome, RECIPES, samplesOf, stint, stintJson } from '../end-to-end/stint.ts';
import { VLLM_ENVIRONMENT } from './vllm-environment.ts';

/** vLLM has kernels for heads of 64. */
const ARCHITECTURE =
  '{layers: 1, hiddenSize: 128, queryHeads: 2, keyValueHeads: 1, headSize: 64, feedForwardSize: 128, tiedEmbeddings: true, ropeTheta: 10000, maxPositions: 512}';
const QUESTIONS = 16;
const SHORT = 'additions: {median: 3, min: 2, max: 6}';
/** Greedily, so that who decodes has to come to the same tokens. */
const GREEDY = [
  '{kind: budget, maxThinkingTokens: 6}',
  '{kind: budget, maxThinkingTokens: 48}',
  '{kind: wait, times: 2, maxThinkingTokens: 64}',
  '{kind: wait, times: 1, maxThinkingTokens: 24, accounting: restart}',
  '{kind: token, tokens: 8, maxThinkingTokens: 48}',
  '{kind: class, length: short, maxThinkingTokens: 48}',
  '{kind: class, length: long, maxThinkingTokens: 48}',
];
const DRAWN = ['{kind: rejection, tries: 6, maxThinkingTokens: 7}', '{kind: budget, maxThinkingTokens: 7}'];

const evaluation = (controls: readonly string[], temperature: number, engine: string): string => `
evaluation:
  benchmarks:
    - name: running-digit
      source: {kind: generated, generator: running-digit, samples: ${QUESTIONS}, seed: 1000, ${SHORT}}
  controls:
${controls.map((control) => `    - ${control}\n`).join('')}
  maxAnswerTokens: 8
  batch: 4
  temperature: ${temperature}
  engine: {kind: ${engine}}
`;

interface Partings {
  readonly answers: number;
  readonly partings: readonly unknown[];
}
interface Sample {
  readonly control: string;
  readonly thinking: string;
  readonly forced: boolean;
  readonly label: string;
  readonly tries?: number;
  readonly thinkingTokens: number;
  readonly drawnTokens?: number;
}

let python: string;

beforeAll(async () => {
  python = join(await installLocked('vllm', console.log), 'python');
});

describe('vLLM', () => {
  it('keeps what every engine promises', async () => {
    const args = ['-m', 'pytest', '-q', 'trainer/tests/test_engines.py', '-k', 'vllm'];
    const env = { ...VLLM_ENVIRONMENT, STINT_TEST_VLLM: python };
    const { exitCode, stdout } = await execa('.venv/bin/python', args, { env, reject: false });
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0 });
    expect(stdout).toMatch(/^\.{20,}/m);
  });
});

describe.each([
  ['s1’s delimiters', 'systemPrompt: null'],
  [
    'tags of several tokens',
    'systemPrompt: null\n  thinking: {start: "<think>\\n", end: "</think>", answerStart: "</think>\\n\\n"}',
  ],
])('an evaluation between %s', (_name, prompt) => {
  let home: string;
  let checkpoint: string;
  const at = (name: string) => join(home, name);

  beforeAll(async () => {
    process.env['STINT_VLLM_PYTHON'] = python;
    home = await newHome();
    const tiny = await readFile(join(RECIPES, 'tiny.yaml'), 'utf8');
    const recipe = tiny
      .replace(/architecture: .*/, `architecture: ${ARCHITECTURE}`)
      .replace(/samples: 320, seed: 1/, `samples: 3200, seed: 1, ${SHORT}`)
      .replace('systemPrompt: null', prompt)
      .replace('epochs: 8', 'epochs: 2');
    await writeFile(at('trained.yaml'), recipe);
    const launched = await stint(home, 'launch', at('trained.yaml'), '--cluster', 'laptop', '--wait');
    if (launched.code !== 0) throw new Error(launched.stderr);
    checkpoint = checkpointIn(launched.stdout);
  });

  async function evaluated(
    controls: readonly string[],
    temperature: number,
    engine: string,
  ): Promise<string> {
    const recipe = at(`${engine}-${temperature}.yaml`);
    await writeFile(recipe, `kind: Evaluation\nname: asked\n${evaluation(controls, temperature, engine)}`);
    const asked = ['eval', recipe, '--checkpoint', checkpoint, '--cluster', 'laptop'];
    return (await stintJson<{ run: string }>(home, ...asked)).run;
  }

  it('comes to the same tokens through vLLM and through the trainer’s own decoder', async () => {
    const [own, other] = [await evaluated(GREEDY, 0, 'trainer'), await evaluated(GREEDY, 0, 'vllm')];
    const found = await stintJson<Partings>(home, 'compare', own, other, '--tokens');
    expect(found).toMatchObject({ answers: QUESTIONS * GREEDY.length, partings: [] });
    const rows = await samplesOf<Sample>(home, other);
    const [forced, byItself] = [true, false].map((is) => rows.filter((row) => row.forced === is).length);
    expect(forced).toBeGreaterThan(QUESTIONS / 2);
    expect(byItself).toBeGreaterThan(QUESTIONS);
    expect(
      rows.filter(({ control, label }) => control === 'wait' && label === 'obeyed').length,
    ).toBeGreaterThan(QUESTIONS / 2);
    const told = rows.filter(({ control }) => control === 'token' || control === 'class');
    expect(rows.filter((row) => row.label === 'ignored' && !told.includes(row))).toEqual([]);
  });

  it('draws through vLLM until a thought keeps to its limit, and no oftener than it may', async () => {
    const rows = await samplesOf<Sample>(home, await evaluated(DRAWN, 1, 'vllm'));
    const drawn = rows.filter(({ control }) => control === 'rejection');
    expect(drawn).toHaveLength(QUESTIONS);
    for (const { label, forced, tries = 0, thinkingTokens, drawnTokens = 0 } of drawn) {
      expect(label).toBe(forced ? 'impossible' : 'obeyed');
      expect(tries).toBeGreaterThanOrEqual(1);
      expect(tries).toBeLessThanOrEqual(6);
      expect(drawnTokens).toBeGreaterThanOrEqual(thinkingTokens);
      if (forced) expect(tries).toBe(6);
    }
    expect(Math.max(...drawn.map(({ tries = 0 }) => tries))).toBeGreaterThan(1);
  });
});
