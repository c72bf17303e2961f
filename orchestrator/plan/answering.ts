import type { AnsweringFacts, AnsweringPlan } from './answering-plan.ts';
import { askedOnce } from './asked-once.ts';
import { endpointAnswering } from './endpoint-answering.ts';
import { judgedBy } from './judged-by.ts';
import { ownAnswering } from './own-answering.ts';
import { vllmAnswering } from './vllm-answering.ts';

export function planAnswering(facts: AnsweringFacts): AnsweringPlan {
  const { verdicts, ...plan } = byEngine(facts);
  const judged = judgedBy(facts.recipe.evaluation, facts.known);
  return { ...plan, verdicts: [...verdicts, ...askedOnce(facts.known), ...judged] };
}

function byEngine(facts: AnsweringFacts): AnsweringPlan {
  const { engine } = facts.recipe.evaluation;
  switch (engine?.kind) {
    case 'vllm':
      return vllmAnswering(facts);
    case 'endpoint':
      return endpointAnswering(facts, engine);
    case 'trainer':
    case undefined:
      return ownAnswering(facts);
  }
}

/** Device-hours of the same evaluation with so many answers to each question of one benchmark, asked by itself. */
export function hoursOf(facts: AnsweringFacts, benchmark: string, samples: number): number {
  const { evaluation } = facts.recipe;
  const benchmarks = evaluation.benchmarks.filter(({ name }) => name === benchmark);
  const recipe = { ...facts.recipe, evaluation: { ...evaluation, benchmarks, samples } };
  const known = facts.known.filter(({ name }) => name === benchmark);
  return planAnswering({ ...facts, recipe, known }).stage.gpuHours.expected;
}
