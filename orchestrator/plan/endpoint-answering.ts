import type { EvaluationSettings } from '../recipe/evaluation.ts';
import { formatInteger } from '../units/format.ts';
import type { AnsweringFacts, AnsweringPlan } from './answering-plan.ts';
import { type BenchmarkLoad, whatIsAsked } from './asked.ts';
import { beyondPositions, canBeEvaluated, questionsIn } from './can-be-evaluated.ts';
import { STARTUP_BOUNDS } from './efficiency.ts';
import { delimitersOf, evaluationLoad } from './evaluation-load.ts';
import type { StagePlan } from './plan.ts';

type Endpoint = Extract<EvaluationSettings['engine'], { readonly kind: 'endpoint' }>;

/** Tokens a second of each answer: of servers of large models under load 20 to 80, and nobody knows whose this is (an assumption). */
const TOKENS_PER_SECOND = 40;
const ANSWERED_BOUNDS = { low: 0.2, high: 5 } as const;
/** Python with the client, the tokenizer and the graders. */
const PROCESS_BYTES = 1.5e9;

/** By a server that somebody else runs: nothing is held but one process that asks. */
export function endpointAnswering(
  { recipe, profile, lengths, known }: AnsweringFacts,
  { url, model }: Endpoint,
): AnsweringPlan {
  const { evaluation } = recipe;
  const load = evaluationLoad(evaluation, lengths, known, delimitersOf(recipe));
  const asked = whatIsAsked(evaluation, lengths, known);
  const named = model === undefined ? 'the only model that it serves' : `its model ${model}`;
  const message = `${questionsIn(load)}, up to ${formatInteger(evaluation.batch)} at a time, are put to ${named} at ${url}; no device is held, and how fast it answers is assumed`;
  const verdict = canBeEvaluated(recipe, beyondPositions(recipe, load), message);
  const seconds = (tokens: (each: BenchmarkLoad) => number) =>
    asked.reduce(
      (sum, each) =>
        sum +
        (each.units * tokens(each)) / Math.min(each.units, evaluation.batch) / TOKENS_PER_SECOND +
        each.tailTokens / TOKENS_PER_SECOND,
      0,
    );
  const expected = seconds((each) => each.tokens);
  const duration = verdict.ok
    ? {
        expectedSeconds: profile.startup + expected,
        lowSeconds: STARTUP_BOUNDS.low * profile.startup + ANSWERED_BOUNDS.low * expected,
        highSeconds: STARTUP_BOUNDS.high * profile.startup + ANSWERED_BOUNDS.high * expected,
      }
    : { expectedSeconds: 0, lowSeconds: 0, highSeconds: 0 };
  const stage: StagePlan = {
    name: 'evaluate',
    devices: 0,
    memory: { bytes: PROCESS_BYTES, capacityBytes: profile.node.memory / profile.devicesPerNode },
    duration,
    gpuHours: { expected: 0, low: 0, high: 0 },
    decoding: { engine: 'endpoint', working: 0, tensorParallel: 0, replicas: 0, together: evaluation.batch },
  };
  const formula = 'Python with the client, the tokenizer and the graders (an assumption)';
  return { verdicts: [verdict], stage, parts: [{ name: 'client', bytes: PROCESS_BYTES, formula }] };
}
