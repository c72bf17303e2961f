// A hub's model on a hub's questions: all that is fetched comes before the stage that would hold devices.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { type ServedHub, serveHub } from './serve-hub.ts';
import { inEnvironment, newHome, samplesOf, showRun, stintJson } from './stint.ts';

let home: string;
let hub: ServedHub;
const at = (name: string) => join(home, name);

beforeAll(async () => {
  home = await newHome();
  hub = await serveHub(at('exported'));
  const cache = { HF_HOME: at('hub'), HF_HUB_CACHE: at('hub'), HF_HUB_OFFLINE: '', HF_TOKEN: '' };
  inEnvironment(home, { HF_ENDPOINT: hub.url, ...cache });
  const model = { kind: 'pretrained', repository: 'org/model', revision: hub.commit };
  const source = { kind: 'huggingface', repository: 'org/sums', revision: hub.commit };
  const recipe = {
    kind: 'Evaluation',
    name: 'fetched',
    model: { ...model, architecture: hub.architecture },
    evaluation: {
      benchmarks: [{ name: 'sums', source }],
      controls: [{ kind: 'budget', maxThinkingTokens: 8 }],
      maxAnswerTokens: 4,
    },
  };
  await writeFile(at('fetched.yaml'), JSON.stringify(recipe));
});
afterAll(() => hub?.stop());

it('is fetched by prepare, and evaluate asks the hub for nothing', async () => {
  const { stages } = await stintJson<Plan>(home, 'plan', at('fetched.yaml'), '--cluster', 'laptop');
  expect(stages?.map(({ name, devices }) => [name, devices])).toEqual([
    ['prepare', 0],
    ['evaluate', expect.any(Number)],
  ]);
  expect(hub.seen).toEqual([]);
  const asked = ['eval', at('fetched.yaml'), '--cluster', 'laptop'];
  const { run } = await stintJson<{ run: string }>(home, ...asked);
  const { state, workFolder } = await showRun(home, run);
  expect(state).toBe('succeeded');
  expect(await samplesOf(home, run)).toHaveLength(3);
  const fetched = hub.seen.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  expect(fetched).toEqual(expect.arrayContaining(['model.safetensors', 'train.jsonl']));
  const [prepared, evaluated] = [
    await eventsOf(workFolder, 'prepare'),
    await eventsOf(workFolder, 'evaluate'),
  ];
  const [began] = evaluated;
  if (began === undefined) throw new Error('evaluate tells what it does');
  for (const { at: time } of [...hub.seen, ...prepared]) expect(time).toBeLessThanOrEqual(began.at);
  const isTold = (events: typeof prepared) => events.some(({ what }) => what === 'files fetched');
  expect([isTold(prepared), isTold(evaluated)]).toEqual([true, false]);
});

/** What the pod of a stage has told. */
async function eventsOf(work: string, stage: string) {
  const folder = join(work, 'events');
  const [file] = (await readdir(folder)).filter((name) => name.startsWith(stage));
  const lines = (await readFile(join(folder, file ?? ''), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { readonly at: number; readonly what?: string });
}
