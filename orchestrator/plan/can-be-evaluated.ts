import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import { counted } from '../units/counted.ts';
import { formatBytes, formatDuration, formatInteger } from '../units/format.ts';
import {
  type Decoded,
  decodingStepSeconds,
  type EvaluationLoad,
  evaluationBytes,
  evaluationCapacity,
} from './evaluation-load.ts';
import { longestThought } from './longest-thought.ts';
import type { ModelSize } from './model-size.ts';
import type { Verdict } from './plan.ts';

/** What answers, and what it is asked. */
export interface Answering extends Decoded {
  readonly kind: RunRecipe['kind'];
  readonly evaluation: EvaluationSettings;
}

/** What is not evaluated now can be later: its checkpoint is registered. */
const REMEDY = '; or launch with --without-evaluation: the run then ends with its registered checkpoint';

const VERDICT = { name: 'can-be-evaluated', refuses: true } as const;

export const NOTHING_EVALUATED: Verdict = {
  ...VERDICT,
  ok: true,
  message: 'nothing is evaluated: the run ends with its registered checkpoint',
};

/**
 * Evaluation comes last, when training is paid for: what it cannot do is said before anything starts.
 *
 * @param message - Where there are no problems.
 */
export function canBeEvaluated(
  { kind }: Pick<Answering, 'kind'>,
  problems: readonly string[],
  message: string,
): Verdict {
  if (problems.length === 0) return { ...VERDICT, ok: true, message };
  const remedy = kind === 'FineTune' ? REMEDY : '';
  return { ...VERDICT, ok: false, message: `${problems.join('; ')}${remedy}` };
}

/** By the trainer's own decoder, on one device. */
export function canBeDecoded(
  recipe: Answering,
  size: ModelSize,
  profile: ClusterProfile,
  load: EvaluationLoad,
): Verdict {
  const problems = [
    ...beyondPositions(recipe, load),
    ...beyondMemory(recipe, size, profile, load),
    ...idlesTooLong(recipe, size, profile, load),
  ];
  const bytes = formatBytes(evaluationBytes(recipe, size, profile, load));
  const message = `${questionsIn(load)}, ${formatInteger(load.rows)} at a time with up to ${formatInteger(load.positions)} tokens each, ${typeOf(load)}, take ${bytes} of ${formatBytes(evaluationCapacity(profile))} on the device that decodes`;
  return canBeEvaluated(recipe, problems, message);
}

export const questionsIn = ({ questions, models }: Pick<EvaluationLoad, 'questions' | 'models'>): string =>
  `${counted(questions, 'question')}${models === 2 ? ' to the trained and to the untouched model in turn' : ''}`;

/** A node's other devices are held and idle while one decodes: for hours that is a price, for days a mistake. */
const LONGEST_IDLE_SECONDS = 24 * 3_600;

function idlesTooLong(
  recipe: Answering,
  size: ModelSize,
  profile: ClusterProfile,
  load: EvaluationLoad,
): readonly string[] {
  const { device, devicesPerNode } = profile;
  if (device.kind === 'cpu' || devicesPerNode === 1) return [];
  const seconds = load.batches * load.steps.expected * decodingStepSeconds(recipe, size, profile, load);
  if (seconds <= LONGEST_IDLE_SECONDS) return [];
  return [
    `${counted(load.questions, 'question')} under ${counted(recipe.evaluation.controls.length, 'control')} take ${formatDuration(seconds)} on the one device that decodes, and ${formatInteger(devicesPerNode - 1)} more ${devicesPerNode === 2 ? 'is' : 'are'} held meanwhile: say \`engine: {kind: vllm}\`, which decodes on all of them, or ask fewer questions or under fewer controls`,
  ];
}

/** Of any engine: where a sequence would be longer than the model was made for. */
export function beyondPositions(
  { model, evaluation }: Answering,
  { positions, promptsKnown }: Pick<EvaluationLoad, 'positions' | 'promptsKnown'>,
): readonly string[] {
  const { controls, maxAnswerTokens } = evaluation;
  const { maxPositions } = model.architecture;
  if (positions <= maxPositions) return [];
  const thinking = longestThought(controls);
  const prompt = positions - thinking - maxAnswerTokens;
  const room = maxPositions - maxAnswerTokens - prompt;
  const isRestarted = controls.every(({ maxThinkingTokens }) => maxThinkingTokens < thinking);
  const lower = isRestarted
    ? 'lower maxThinkingTokens or times, or let the rounds of a `wait` share it (accounting: shared)'
    : room > 0
      ? `lower maxThinkingTokens to at most ${formatInteger(room)}`
      : 'lower maxThinkingTokens and maxAnswerTokens';
  const atLeast = promptsKnown ? 'up to' : 'at least';
  return [
    `${formatInteger(thinking)} tokens of thinking, ${formatInteger(maxAnswerTokens)} of answer and ${atLeast} ${formatInteger(prompt)} around them exceed the model’s ${formatInteger(maxPositions)} positions: ${lower}`,
  ];
}

function beyondMemory(
  recipe: Answering,
  size: ModelSize,
  profile: ClusterProfile,
  load: EvaluationLoad,
): readonly string[] {
  const capacity = evaluationCapacity(profile);
  const bytes = evaluationBytes(recipe, size, profile, load);
  if (bytes <= capacity) return [];
  return [
    `the device that decodes has ${formatBytes(capacity)}, and the model ${typeOf(load)} with ${formatInteger(load.rows)} ${load.rows === 1 ? 'question' : 'questions'} of up to ${formatInteger(load.positions)} tokens takes ${formatBytes(bytes)}: it needs a device with more memory, or a smaller maxThinkingTokens`,
  ];
}

const typeOf = ({ elementBytes }: EvaluationLoad): string => (elementBytes === 4 ? 'in fp32' : 'in bf16');
