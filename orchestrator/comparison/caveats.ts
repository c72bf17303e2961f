import { METHODS } from '../evaluation/control-metrics.ts';
import { controlLabel } from '../evaluation/control-name.ts';
import { counted } from '../units/counted.ts';
import { formatPercent } from '../units/format.ts';
import type { Comparison, EvaluationRow, Finding } from './comparison.ts';
import { judgedAnswers } from './judged-answers.ts';
import { nearLengths } from './near-lengths.ts';

/** What a reader must know before trusting the other findings. */
export function caveats(facts: Omit<Comparison, 'findings'>): readonly Finding[] {
  const clusters = [...new Set(facts.arms.map((arm) => arm.cluster))];
  const unfinished = facts.arms.flatMap((arm) =>
    arm.missing === null ? [] : [`${arm.name} (${arm.run}): ${arm.missing}`],
  );
  const elsewhere = `the runs were on different clusters (${clusters.join(', ')}): times and costs reflect it`;
  const texts = [
    ...unfinished,
    ...confounders(facts),
    ...(clusters.length > 1 ? [elsewhere] : []),
    ...otherTypes(facts),
    ...facts.arms.flatMap(({ name, run, evaluations }) => [
      ...unjudged(`${name} (${run})`, evaluations, 'samples'),
      ...notObeyed(`${name} (${run})`, evaluations),
      ...keptByBudget(`${name} (${run})`, evaluations),
      ...nearLengths(`${name} (${run})`, evaluations),
    ]),
    ...facts.untouched.flatMap(({ name, evaluations }) => unjudged(name, evaluations, 'untouched')),
    ...judgedAnswers(facts),
  ];
  return texts.map((text) => ({ about: 'caveat', told: true, text }));
}

/** Two types round differently, so that greedy answers part ways without any training. */
function otherTypes({ decodedIn }: Omit<Comparison, 'findings'>): readonly string[] {
  const types = [...new Set(decodedIn.map(({ dtype }) => dtype))];
  if (types.length < 2) return [];
  const byType = types.map((type) => {
    const names = decodedIn.filter(({ dtype }) => dtype === type).map(({ name }) => name);
    return `${names.join(', ')} in ${type}`;
  });
  return [
    `answers were decoded in different types (${byType.join('; ')}): a part of the differences is rounding`,
  ];
}

/** Fewer answers than this share that say nothing are a matter of course. */
const NOTABLE_SHARE = 0.05;

/** An accuracy is low for two reasons: answers were wrong, or they could not be read; only the first is the model's. */
function unjudged(
  who: string,
  evaluations: readonly EvaluationRow[],
  file: 'samples' | 'untouched',
): readonly string[] {
  // Each by its own grader: what one can read says nothing of another.
  return Object.entries(Object.groupBy(evaluations, ({ benchmark }) => benchmark)).flatMap(
    ([benchmark, own = []]) => {
      const [at] = own.toSorted((a, b) => (b.unreadableShare ?? 0) - (a.unreadableShare ?? 0));
      const worst = at?.unreadableShare ?? 0;
      if (worst < NOTABLE_SHARE) return [];
      const cut = at?.cutShare ? `; ${formatPercent(at.cutShare)} ended at evaluation.maxAnswerTokens` : '';
      return [
        `${who}: up to ${formatPercent(worst)} of the answers on ${benchmark} say nothing that its grader can judge, and count as wrong${cut}: see evaluation/${file}.jsonl`,
      ];
    },
  );
}

/** What a control is said to do is worth what it did: of a Wait that found nothing to suppress nothing follows. */
function notObeyed(who: string, evaluations: readonly EvaluationRow[]): readonly string[] {
  return evaluations.flatMap((evaluation) => {
    const { n, samples, ignored, impossible, countedOut } = evaluation;
    const [method, answers] = [METHODS[evaluation.control], n * samples];
    const where = `${controlLabel(evaluation)} on ${evaluation.benchmark}`;
    const of = samples === 1 ? counted(n, 'question') : `${answers} answers`;
    const isTold = method !== 'budget forcing' && method !== 'rejection sampling';
    const notable = (impossible ?? 0) / answers >= NOTABLE_SHARE;
    return [
      ...(ignored && !isTold ? [`${who}: the engine ignored ${where} for ${ignored} of ${of}`] : []),
      ...(isTold && (ignored ?? 0) / answers >= NOTABLE_SHARE
        ? [`${who}: the model did not do as it was told by ${where} for ${ignored} of ${of}`]
        : []),
      ...((countedOut ?? 0) / answers >= NOTABLE_SHARE
        ? [
            `${who}: under ${where} thinking was ended because no step was left for ${countedOut} of ${of}: that they kept to their steps was not the model’s doing`,
          ]
        : []),
      ...(evaluation.control === 'wait' && notable
        ? [
            `${who}: ${where} could not be carried out for ${impossible} of ${of}, most often because thinking never ended by itself: its accuracy is that of ${instead(evaluation)} there`,
          ]
        : []),
      ...(evaluation.control === 'rejection' && notable
        ? [
            `${who}: with ${where} no try ended within the limit for ${impossible} of ${of}: the last one was cut there`,
          ]
        : []),
    ];
  });
}

/** Told as many tokens as its budget has, or more, a model cannot but keep to them where the budget ends its thinking. */
function keptByBudget(who: string, evaluations: readonly EvaluationRow[]): readonly string[] {
  return evaluations.flatMap((evaluation) => {
    const { n, samples, asked, budget, forcedShare } = evaluation;
    const isKept = evaluation.control === 'token' && typeof asked === 'number' && asked >= budget;
    if (!isKept || forcedShare < NOTABLE_SHARE) return [];
    const of = samples === 1 ? counted(n, 'question') : `${n * samples} answers`;
    const forced = Math.round(forcedShare * n * samples);
    return [
      `${who}: under ${controlLabel(evaluation)} on ${evaluation.benchmark} thinking was ended by the budget for ${forced} of ${of}: that they kept to their tokens was not the model’s doing`,
    ];
  });
}

/** Of several Waits some may have been put in. */
const instead = ({ times }: EvaluationRow): string => (times > 1 ? 'fewer' : 'the plain budget');

/** In how much more than their factor the arms differ. */
function confounders(facts: Omit<Comparison, 'findings'>): readonly string[] {
  const { arms, factor, recipeDifferences } = facts;
  const fields = recipeDifferences.map((field) => field.path).join(', ');
  const read = otherInputs(facts);
  if (factor !== null)
    return [...(fields === '' ? [] : [`the arms differ in more than ${factor}: ${fields}`]), ...read];
  if (arms.length < 2) return [];
  const equal = read.length === 0 ? 'their recipes are equal' : 'their recipes say the same';
  const difference = fields === '' ? equal : `their recipes differ in ${fields}`;
  return [`the runs share no factor; ${difference}`, ...read];
}

const PARTS = [
  { part: 'model', words: 'started from different models', path: 'model' },
  { part: 'dataset', words: 'were trained on different data', path: 'dataset.source' },
  { part: 'benchmarks', words: 'answered different benchmarks', path: 'evaluation.benchmarks' },
] as const;

/** What the arms read and should share: each against the first. What the factor names may differ. */
function otherInputs({ sameInputs, arms, factor }: Omit<Comparison, 'findings'>): readonly string[] {
  const [reference] = arms;
  const unanswered = new Set(arms.filter((arm) => arm.evaluations.length === 0).map(({ name }) => name));
  return PARTS.filter(
    ({ path }) => !(factor !== null && (factor.startsWith(path) || path.startsWith(`${factor}.`))),
  ).flatMap(({ part, words }) => {
    const others = sameInputs
      .filter((pair) => pair.arms[0] === reference?.name && pair[part] === false)
      // What has answered nothing has answered nothing else.
      .filter((pair) => part !== 'benchmarks' || !pair.arms.some((name) => unanswered.has(name)));
    return others.map((pair) => `${pair.arms[0]} and ${pair.arms[1]} ${words}`);
  });
}
