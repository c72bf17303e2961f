import { formatBytes, formatDuration, formatInteger } from '../units/format.ts';
import type { AnsweringFacts, AnsweringPlan } from './answering-plan.ts';
import { type BenchmarkLoad, whatIsAsked } from './asked.ts';
import { beyondPositions, canBeEvaluated, questionsIn } from './can-be-evaluated.ts';
import { fileRate } from './checkpoint-size.ts';
import { STARTUP_BOUNDS } from './efficiency.ts';
import { withDevices } from './evaluate-stage.ts';
import { delimitersOf, type EvaluationLoad, evaluationLoad } from './evaluation-load.ts';
import { longestThought } from './longest-thought.ts';
import { noDeviceIdles } from './no-device-idles.ts';
import type { StagePlan, Verdict } from './plan.ts';
import { PROCESSOR_BOUNDS } from './processor-stage.ts';
import { type ServedMemory, servedMemory, servedParts } from './vllm-memory.ts';
import { answerSeconds, type Serving, together } from './vllm-time.ts';

/** vLLM starts its processes, compiles the model and captures its graphs: 60 to 120 s by its own logs of models of 7 to 70 billion. */
const READY_SECONDS = 90;
/** Asked and answered under load, models think longer or shorter than they were said to, and servers reach more or less of a device. */
const ANSWERED_BOUNDS = { low: 0.4, high: 2.5 } as const;
/** Where nothing is known of thoughts all budgets are used up, and the expectation is that already. */
const UNKNOWN_LOW = 0.1;
/** A pod that lives longer than this is likelier to lose its node than to end; records of answers outlive it. */
const LONG_SECONDS = 24 * 3_600;

/** By vLLM, over all devices of one node: it takes each question as soon as there is room for it. */
export function vllmAnswering(facts: AnsweringFacts): AnsweringPlan {
  const { recipe, profile, size, lengths, known } = facts;
  const { evaluation } = recipe;
  const load = evaluationLoad(evaluation, lengths, known, delimitersOf(recipe));
  const memory = servedMemory(recipe, size, profile);
  const asked = whatIsAsked(evaluation, lengths, known);
  const serving = { recipe, size, profile, memory };
  const fits = memory.positions >= load.positions;
  const busy = fits ? busiest(asked, memory, evaluation.batch, load) : 0;
  const kept = Math.min(memory.positions, busy * load.positions);
  const parts = servedParts(memory, fits ? kept : load.positions);
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  const { tensorParallel, replicas } = memory.spread;
  const message = `${questionsIn(load)}, up to ${formatInteger(busy * replicas)} at a time with up to ${formatInteger(load.positions)} tokens each, ${memory.elementBytes === 2 ? 'in bf16' : 'in fp32'}, take ${formatBytes(bytes)} of ${formatBytes(memory.capacity)} on each device that vLLM holds${startedWith(facts)}`;
  const problems = [...beyondPositions(recipe, load), ...beyondMemory(memory, load)];
  const verdict = canBeEvaluated(recipe, problems, message);
  const duration = verdict.ok ? durationOf(facts, serving, asked, load) : NO_TIME;
  const stage: StagePlan = {
    ...withDevices('evaluate', profile.devicesPerNode, { bytes, capacityBytes: memory.capacity }, duration),
    decoding: {
      engine: 'vllm',
      working: tensorParallel * replicas,
      tensorParallel,
      replicas,
      together: busy * replicas,
    },
  };
  const judged = verdict.ok ? [verdict, noDeviceIdles(profile, memory.spread), inTime(duration)] : [verdict];
  return { verdicts: judged, stage, parts };
}

/** The most sequences that a copy continues together, of any benchmark. */
const busiest = (
  asked: readonly BenchmarkLoad[],
  memory: ServedMemory,
  batch: number,
  { positions }: EvaluationLoad,
) =>
  Math.max(
    ...asked.map(({ units, tokens }) =>
      together(Math.min(batch, units), Math.min(positions, tokens / 2), memory),
    ),
  );

const NO_TIME = { expectedSeconds: 0, lowSeconds: 0, highSeconds: 0 } as const;

function durationOf(
  { profile, size, recipe, storedBytes }: AnsweringFacts,
  serving: Serving,
  asked: readonly BenchmarkLoad[],
  load: EvaluationLoad,
): StagePlan['duration'] {
  const { evaluation } = recipe;
  const prompt = load.positions - longestThought(evaluation.controls) - evaluation.maxAnswerTokens;
  const sum = (of: (each: BenchmarkLoad) => number) => asked.reduce((total, each) => total + of(each), 0);
  const seconds = (each: BenchmarkLoad, tokens: number) =>
    answerSeconds(serving, each, tokens, prompt, load.positions, evaluation.batch);
  const bounds = (each: BenchmarkLoad) =>
    each.lengthKnown
      ? {
          low: ANSWERED_BOUNDS.low * seconds(each, each.tokens),
          high: ANSWERED_BOUNDS.high * seconds(each, each.tokens),
        }
      : { low: UNKNOWN_LOW * seconds(each, each.tokens), high: seconds(each, each.mostTokens) };
  // Once to be verified, and once into the devices; a second model takes the first one's place.
  const reading = (2 * load.models * storedBytes * size.parameters) / fileRate(profile);
  const starting = profile.startup + load.models * READY_SECONDS;
  return {
    expectedSeconds: starting + reading + sum((each) => seconds(each, each.tokens)),
    lowSeconds:
      STARTUP_BOUNDS.low * starting + PROCESSOR_BOUNDS.low * reading + sum((each) => bounds(each).low),
    highSeconds:
      STARTUP_BOUNDS.high * starting + PROCESSOR_BOUNDS.high * reading + sum((each) => bounds(each).high),
  };
}

function beyondMemory(memory: ServedMemory, { positions }: EvaluationLoad): readonly string[] {
  if (memory.positions >= positions) return [];
  const { weights, workspace, capacity } = memory;
  const room = Math.max(0, capacity - weights - workspace);
  return [
    `vLLM may take ${formatBytes(capacity)} of each device, of which its share of the model takes ${formatBytes(weights)} and its workspace ${formatBytes(workspace)}: the ${formatBytes(room)} that are left keep ${formatInteger(memory.positions)} tokens, and one question may have ${formatInteger(positions)}. It needs devices with more memory or more of them in a node, or a smaller maxThinkingTokens`,
  ];
}

function inTime({ expectedSeconds }: StagePlan['duration']): Verdict {
  const verdict = { name: 'evaluation-in-a-day', refuses: false };
  const time = formatDuration(expectedSeconds);
  if (expectedSeconds <= LONG_SECONDS) return { ...verdict, ok: true, message: `it takes ${time}` };
  return {
    ...verdict,
    ok: false,
    message: `it takes ${time}, in which a node may be lost; answered questions are kept and it goes on after them, but fewer questions, samples or controls ask less of one pod`,
  };
}

/** The image has it; what runs as processes of this machine is told where it is. */
const startedWith = ({ profile }: AnsweringFacts): string =>
  profile.backend.kind === 'kubernetes' ? '' : '; it is started by the Python that STINT_VLLM_PYTHON names';
