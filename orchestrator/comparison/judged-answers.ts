import type { Comparison, EvaluationRow } from './comparison.ts';

type Facts = Pick<Comparison, 'arms' | 'untouched'>;

/** A judge is a model, too: a reader has to know how much of an accuracy is its word, and where two accuracies rest on other judges. */
export function judgedAnswers({ arms, untouched }: Facts): readonly string[] {
  return [
    ...arms.flatMap(({ name, run, evaluations, judge }) =>
      counted(`${name} (${run})`, evaluations, judge ? `${judge.model} at ${judge.url}` : 'its judge'),
    ),
    ...untouched.flatMap(({ name, evaluations }) => counted(name, evaluations, 'its judge')),
    ...otherJudges(arms),
  ];
}

function counted(who: string, evaluations: readonly EvaluationRow[], judge: string): readonly string[] {
  const counts = evaluations.flatMap((each) => each.judge ?? []);
  if (counts.length === 0) return [];
  const sum = (key: keyof (typeof counts)[number]) => counts.reduce((total, each) => total + each[key], 0);
  const answers = evaluations.reduce((total, { n, samples }) => total + n * samples, 0);
  const asked = sum('asked');
  if (asked === 0) return [`${who}: ${judge} had nothing to judge of ${answers} answers`];
  const told = sum('right') + sum('wrong') + sum('unreadable');
  const [overruled, unheard] = [sum('overruled'), sum('unheard')];
  return [
    [
      `${who}: of ${answers} answers ${told} are graded by ${judge}, ${sum('right')} of them as right`,
      ...(overruled > 0 ? [`${overruled} against what the grader had read`] : []),
      ...(unheard > 0 ? [`of ${unheard} it gave no verdict, and the grader’s stands`] : []),
      `it took ${sum('promptTokens')} tokens of prompts and ${sum('completionTokens')} of replies`,
    ].join('; '),
  ];
}

function otherJudges(arms: Facts['arms']): readonly string[] {
  const evaluated = arms.filter(({ evaluations }) => evaluations.length > 0);
  const judges = new Set(evaluated.map(({ judge }) => JSON.stringify(judge)));
  if (judges.size < 2) return [];
  const each = evaluated.map(({ name, judge }) => `${name} by ${judge ? judge.model : 'the graders alone'}`);
  return [`answers were not judged alike (${each.join('; ')}): a part of the differences is the judges’`];
}
