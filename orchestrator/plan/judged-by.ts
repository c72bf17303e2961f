import type { EvaluationSettings } from '../recipe/evaluation.ts';
import { formatInteger } from '../units/format.ts';
import { ASSUMED_QUESTIONS, type KnownBenchmark, knownQuestions } from './evaluation-load.ts';
import type { Verdict } from './plan.ts';

const VERDICT = { name: 'judged-by', refuses: false } as const;

/** Who judges beside the graders, and how much is sent there at most; nothing where the graders judge alone. */
export function judgedBy(
  { benchmarks, controls, engine, judge, samples = 1, untouched }: EvaluationSettings,
  known: readonly KnownBenchmark[],
): readonly Verdict[] {
  if (judge === undefined) return [];
  const who = `${judge.model ?? 'the only model that is served'} at ${judge.url}`;
  if (engine?.kind === 'endpoint' && engine.url === judge.url && engine.model === judge.model)
    return [{ ...VERDICT, ok: false, message: `${who} answers and judges what it has answered itself` }];
  const questions = benchmarks.reduce(
    (sum, each) => sum + (knownQuestions(each, known) ?? ASSUMED_QUESTIONS),
    0,
  );
  const answers = formatInteger(questions * controls.length * samples * (untouched === true ? 2 : 1));
  const which =
    judge.answers === 'all' ? `all ${answers} answers` : `what no grader can read of ${answers} answers`;
  const message = `${which} and their questions and references are sent to ${who}; what its tokens cost is not in this plan`;
  return [{ ...VERDICT, ok: true, message }];
}
