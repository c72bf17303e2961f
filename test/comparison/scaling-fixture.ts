import type { ArmInput } from '../../orchestrator/comparison/arm-input.ts';
import type { ControlResult, EvaluationResult } from '../../orchestrator/wire/evaluation-result.ts';
import { armInput } from './fixture.ts';

const BUDGETS = [500, 1_000, 2_000, 4_000, 8_000, 16_000];
const WAITS = [1, 2, 4, 6];

/** A whole number below `below` that looks like chance and depends on its parts alone. */
const draw = (below: number, ...parts: readonly number[]): number =>
  parts.reduce((state, part) => (Math.imul(state ^ part, 0x9e3779b1) >>> 7) ^ (state << 3), 17) % below;

function result(n: number, budget: number, times: number, skill: number): ControlResult {
  const questions = Array.from({ length: n }, (_, question) => question);
  const natural = questions
    .map((question) => (900 + Math.abs(draw(6_000, question, n))) * (skill > 50 ? 1 : 0.6))
    .map(Math.round);
  const thinkingTokens = natural.map((tokens) => Math.min(budget, tokens + 700 * times));
  return {
    control: times === 0 ? 'budget' : 'wait',
    budget,
    times,
    correct: questions.map((question, index) => {
      const share = (thinkingTokens[index] ?? 0) / (natural[index] ?? 1);
      return Math.abs(draw(100, question, times, budget)) < skill * Math.min(1, share) + 2 * times ? 1 : 0;
    }),
    thinkingTokens,
    forced: natural.filter((tokens) => tokens > budget).length,
  };
}

/** Benchmarks that s1 was published on, under its budgets and "Wait"s. */
export function scalingArm(arm: 'short' | 'long', benchmarks: Readonly<Record<string, number>>): ArmInput {
  const skill = arm === 'short' ? 45 : 62;
  const evaluation: EvaluationResult = {
    checkpoint: `sha256:${'c'.repeat(64)}`,
    benchmarks: Object.entries(benchmarks).map(([name, n]) => ({
      name,
      n,
      questions: `sha256:${'d'.repeat(64)}`,
      results: [
        ...BUDGETS.map((budget) => result(n, budget, 0, skill)),
        ...WAITS.map((times) => result(n, 16_000, times, skill)),
      ],
    })),
  };
  return armInput(arm, { evaluation });
}

/** The same benchmark under every other control, and with several answers a question that vote. */
export function steeredArm(arm: 'short' | 'long', benchmark: string, n: number): ArmInput {
  const skill = arm === 'short' ? 45 : 62;
  const told = (control: ControlResult['control'], asked: number | 'short' | 'long', budget: number) => ({
    ...result(n, budget, 0, skill - 10),
    control,
    asked,
  });
  const drawn = (budget: number) => {
    const one = told('rejection', 64, budget);
    return {
      ...one,
      tries: one.thinkingTokens.map(() => 4),
      drawnTokens: one.thinkingTokens.map((tokens) => tokens + 3 * budget),
    };
  };
  const voted = (budget: number) => {
    const one = result(n, budget, 0, skill);
    const flags = (bonus: number) =>
      one.correct.map((right, q) => (right || draw(100, q, 3) < bonus ? 1 : 0));
    return {
      ...one,
      samples: 16,
      correct: one.correct.map((right) => 16 * right),
      thinkingTokens: one.thinkingTokens.map((tokens) => 16 * tokens),
      votes: [2, 4, 8, 16].map((answers) => ({
        answers,
        majority: flags(2 * answers),
        covered: flags(3 * answers),
      })),
    };
  };
  const results: ControlResult[] = [
    ...[1_000, 4_000, 16_000].map(voted),
    ...[1_024, 4_096].map((tokens) => told('token', tokens, 16_000)),
    told('step', 32, 16_000),
    told('step', 64, 8_000),
    told('class', 'short', 16_000),
    told('class', 'long', 16_000),
    ...[3_500, 5_000, 8_000].map(drawn),
  ];
  const digest = `sha256:${'e'.repeat(64)}`;
  return armInput(arm, {
    evaluation: { checkpoint: digest, benchmarks: [{ name: benchmark, n, questions: digest, results }] },
  });
}
