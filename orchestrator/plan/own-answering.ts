import type { AnsweringFacts, AnsweringPlan } from './answering-plan.ts';
import { canBeDecoded } from './can-be-evaluated.ts';
import { evaluateStage } from './evaluate-stage.ts';
import { fittedLoad } from './evaluation-fit.ts';
import { noDeviceIdles } from './no-device-idles.ts';

const ALONE = { tensorParallel: 1, replicas: 1 } as const;

/** By the trainer's own decoder: one device of those that the pod holds. */
export function ownAnswering({
  recipe,
  profile,
  size,
  lengths,
  known,
  storedBytes,
}: AnsweringFacts): AnsweringPlan {
  const load = fittedLoad(recipe, recipe.evaluation, size, profile, lengths, known);
  const verdict = canBeDecoded(recipe, size, profile, load);
  const canBeEvaluated = verdict.ok;
  const stage = evaluateStage({ recipe, profile, size, load, storedBytes, canBeEvaluated });
  const formula = 'weights once, cached keys and values of all rows, a block’s copy of them, and the rest';
  const decoding = { engine: 'trainer', working: 1, ...ALONE, together: load.rows } as const;
  const judged = canBeEvaluated ? [verdict, noDeviceIdles(profile, ALONE)] : [verdict];
  return {
    verdicts: judged,
    stage: { ...stage, decoding },
    parts: [{ name: 'decoding', bytes: stage.memory.bytes, formula }],
  };
}
