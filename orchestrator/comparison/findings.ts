import { controlLabel, waits } from '../evaluation/control-name.ts';
import { canBeTold } from '../evaluation/paired-difference.ts';
import { formatInteger } from '../units/format.ts';
import { caveats } from './caveats.ts';
import type { ArmDifference, ComparedArm, Comparison, ControlGain, Finding } from './comparison.ts';
import { costFindings } from './cost-findings.ts';
import { intervalText, negate } from './interval-text.ts';

type Facts = Omit<Comparison, 'findings'>;

/** What the figures say, in sentences; a difference is only called one when its 95% interval leaves 0 out. */
export function findings(facts: Facts): readonly Finding[] {
  const place = placeOf(facts.arms);
  const differences = facts.differences.toSorted((a, b) => a.times - b.times || b.budget - a.budget);
  const atLargest = differences.filter(
    (difference) =>
      difference.control === 'budget' &&
      difference.budget === largestBudget(differences, difference.benchmark),
  );
  return [
    ...overUntouched(facts).map((difference) => fineTuningFinding(difference, place)),
    ...differences.map((difference) => accuracyFinding(difference, place)),
    ...facts.gains.map((gain) => gainFinding(gain, place)),
    ...facts.parallel.map((gain) => parallelFinding(gain, place)),
    ...atLargest.map((difference) => lengthFinding(difference, place)),
    ...costFindings(facts.arms, atLargest, place),
    ...caveats(facts),
  ];
}

/** At the largest budget, where a model shows all that it can. */
function overUntouched(facts: Facts): readonly ArmDifference[] {
  return facts.overUntouched.filter(
    ({ control, budget, benchmark }) =>
      control === 'budget' && budget === largestBudget(facts.overUntouched, benchmark),
  );
}

/** Names the benchmark only where there are several. */
type Place = (benchmark: string) => string;

function placeOf(arms: readonly ComparedArm[]): Place {
  const benchmarks = new Set(arms.flatMap((arm) => arm.metrics.map((metrics) => metrics.benchmark)));
  return (benchmark) => (benchmarks.size > 1 ? ` on ${benchmark}` : '');
}

function largestBudget(differences: readonly ArmDifference[], benchmark: string): number {
  const plain = differences.filter(
    (difference) => difference.benchmark === benchmark && difference.control === 'budget',
  );
  return Math.max(...plain.map((difference) => difference.budget));
}

function fineTuningFinding(difference: ArmDifference, place: Place): Finding {
  const { reference } = difference;
  const named = reference === 'untouched' ? 'the untouched model' : reference;
  return { ...accuracyFinding({ ...difference, reference: named }, place), about: 'fine-tuning' };
}

function accuracyFinding({ arm, reference, accuracy, ...rest }: ArmDifference, place: Place): Finding {
  const where = `at ${controlLabel(rest)}${place(rest.benchmark)}`;
  if (!canBeTold(accuracy)) {
    const text = `no difference can be told ${where}: ${arm} minus ${reference} is ${intervalText(accuracy)}`;
    return { about: 'accuracy', told: false, text };
  }
  const [better, worse, gap] =
    accuracy.low > 0 ? [arm, reference, accuracy] : [reference, arm, negate(accuracy)];
  const text = `${better} is more accurate than ${worse} ${where}: ${intervalText(gap)}`;
  return { about: 'accuracy', told: true, text };
}

function gainFinding({ arm, benchmark, from, to, accuracy }: ControlGain, place: Place): Finding {
  const told = canBeTold(accuracy);
  const isWait = to.times > from.times;
  const cause = isWait ? waits(to) : 'more thinking';
  const effect = accuracy.low > 0 ? `${arm} gains from ${cause}` : `${arm} loses from ${cause}`;
  const claim = told ? effect : `no effect of ${cause} on ${arm} can be told`;
  const [before, after] = isWait ? ['without it', 'with it'] : [controlLabel(from), controlLabel(to)];
  const where = isWait ? ` at budget ${to.budget}${to.accounting ? ' a round' : ''}` : '';
  const [first, second] = [from, to].map((control) => control.accuracy.toFixed(2));
  const figures = `accuracy ${first} (${before}) becomes ${second} (${after}), ${intervalText(accuracy)}`;
  const text = `${claim}${where}${place(benchmark)}: ${figures}`;
  return { about: 'thinking budget', told, text };
}

function parallelFinding(gain: Comparison['parallel'][number], place: Place): Finding {
  const { arm, benchmark, answers, sequential, parallel, parallelTokens, sequentialTokens, accuracy } = gain;
  const told = canBeTold(accuracy);
  const verb = accuracy.low > 0 ? 'beats' : 'loses to';
  const vote = `a vote of ${answers} answers of ${arm} under ${controlLabel(parallel)}`;
  const one = `one under ${controlLabel(sequential)}`;
  const claim = told ? `${vote} ${verb} ${one}` : `no difference can be told between ${vote} and ${one}`;
  const tokens = `${formatInteger(parallelTokens)} tokens of thinking against ${formatInteger(sequentialTokens)}`;
  const text = `${claim}${place(benchmark)}, for ${tokens}: ${intervalText(accuracy)}`;
  return { about: 'thinking budget', told, text };
}

function lengthFinding({ arm, reference, thinkingTokens, ...rest }: ArmDifference, place: Place): Finding {
  const where = `at ${controlLabel(rest)}${place(rest.benchmark)}`;
  if (!canBeTold(thinkingTokens)) {
    const gap = `${arm} minus ${reference} is ${intervalText(thinkingTokens, 1)} tokens`;
    const text = `no difference in thinking length can be told ${where}: ${gap}`;
    return { about: 'thinking length', told: false, text };
  }
  const [longer, shorter, gap] =
    thinkingTokens.low > 0 ? [arm, reference, thinkingTokens] : [reference, arm, negate(thinkingTokens)];
  const text = `${longer} thinks longer than ${shorter} ${where}: ${intervalText(gap, 1)} tokens a question`;
  return { about: 'thinking length', told: true, text };
}
