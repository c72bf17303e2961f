import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { EvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';
import { type FineTune, FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import { parseDocument } from '../../orchestrator/recipe/parse-document.ts';
import { delimiterTokens, type Thinking, ThinkingSchema } from '../../orchestrator/recipe/thinking.ts';
import { readmeSection } from '../end-to-end/readme-section.ts';

const TAGS = { start: '<think>\n', end: '</think>', answerStart: '</think>\n\n' };
const S1: Thinking = {
  start: '<|im_start|>think',
  end: '<|im_start|>',
  answerStart: '<|im_start|>answer',
  finalAnswer: 'Final Answer:',
};

const base = (parse(await readFile('recipes/quickstart.yaml', 'utf8')) as { base: FineTune }).base;

const fineTune = (dataset: object, controls: object[] = [{ kind: 'budget', maxThinkingTokens: 4 }]) =>
  parseDocument(FineTuneSchema, {
    ...base,
    dataset: { ...base.dataset, ...dataset },
    evaluation: { ...base.evaluation, controls },
  });

test('the delimiters of published models can be said', () => {
  for (const delimiters of [
    S1,
    TAGS,
    { start: '<think>', end: '</think>' },
    // Sky-T1's.
    {
      start: '<|begin_of_thought|>\n\n',
      end: '<|end_of_thought|>',
      answerStart: '<|end_of_thought|>\n\n<|begin_of_solution|>\n\n',
    },
    // Magistral's.
    { start: '[THINK]', end: '[/THINK]' },
  ])
    expect(ThinkingSchema.safeParse(delimiters).success).toBe(true);
  expect(ThinkingSchema.parse(TAGS)).toEqual({ ...TAGS, finalAnswer: 'Final Answer:' });
});

test('a recipe that does not say them is as it was', () => {
  const parsed = fineTune({});
  expect(parsed.ok && parsed.value.dataset).not.toHaveProperty('thinking');
});

test.each([
  [{ ...TAGS, start: '' }, 'start', 'not blank'],
  [{ ...TAGS, start: ' \n' }, 'start', 'not blank'],
  [{ ...TAGS, end: '' }, 'end', 'not blank'],
  [{ ...TAGS, finalAnswer: '\n' }, 'finalAnswer', 'not blank'],
  [{ ...TAGS, end: '\n</think>' }, 'end', 'without blanks around it'],
  [{ ...TAGS, start: '\ud83d' }, 'start', 'not blank'],
  [{ ...TAGS, answerStart: '<answer>' }, 'answerStart', 'begins with `end`'],
  [{ start: '</think>\n', end: '</think>' }, 'end', 'another text than `start`'],
])('%o is refused at its field', (thinking, field, expected) => {
  const parsed = fineTune({ thinking });
  if (parsed.ok) throw new Error('it was taken');
  const [issue] = parsed.issues;
  expect(issue?.path).toEqual(['dataset', 'thinking', field]);
  expect(issue?.expected).toContain(expected);
});

test('steps are counted down between the delimiters of s1 alone', () => {
  const steps = [{ kind: 'step', steps: 4, maxThinkingTokens: 8 }];
  expect(fineTune({ condition: 'step', thinking: S1 }, steps).ok).toBe(true);
  expect(fineTune({ condition: 'step', thinking: TAGS })).toMatchObject({
    ok: false,
    issues: [{ path: ['dataset', 'condition'] }],
  });
  expect(fineTune({ thinking: TAGS }, steps)).toMatchObject({
    ok: false,
    issues: [{ path: ['evaluation', 'controls', 0, 'kind'] }],
  });
});

test('what is put in the place of an end holds none', () => {
  const wait = (text: string) => [{ kind: 'wait', times: 1, text, maxThinkingTokens: 8 }];
  const refused = { ok: false, issues: [{ path: ['evaluation', 'controls', 0, 'text'] }] };
  expect(fineTune({ thinking: TAGS }, wait('</think> Wait'))).toMatchObject(refused);
  expect(fineTune({}, wait('<|im_start|>'))).toMatchObject(refused);
  for (const mark of ['<|im_start|>', '<|im_end|>'])
    expect(fineTune({ thinking: TAGS }, wait(`Wait${mark}`))).toMatchObject(refused);
  expect(fineTune({ thinking: TAGS }, wait('Wait')).ok).toBe(true);
  const asked = {
    kind: 'Evaluation',
    name: 'again',
    prompt: { thinking: TAGS },
    evaluation: { benchmarks: base.evaluation?.benchmarks, controls: wait('</think>') },
  };
  expect(parseDocument(EvaluationSchema, asked)).toMatchObject(refused);
});

test('as many positions are planned for them as they have bytes, which is never too few', () => {
  expect(delimiterTokens(undefined)).toBeUndefined();
  expect(delimiterTokens(ThinkingSchema.parse(TAGS))).toBe(8 + 10 + 13);
  expect(delimiterTokens(ThinkingSchema.parse({ start: '‹', end: '›' }))).toBe(3 + 3 + 13);
});

test('what README shows is what a recipe takes', async () => {
  const { yaml } = await readmeSection('Your own model and data');
  const written = yaml.find(({ content }) => content.includes('thinking:'))?.content ?? '';
  expect(ThinkingSchema.parse((parse(written) as { thinking: unknown }).thinking)).toMatchObject(TAGS);
});
