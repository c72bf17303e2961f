import type { Comparison, Finding } from './comparison.ts';

/** What a reader must know before trusting the other findings. */
export function caveats(facts: Omit<Comparison, 'findings'>): readonly Finding[] {
  const clusters = [...new Set(facts.arms.map((arm) => arm.cluster))];
  const unfinished = facts.arms.flatMap((arm) =>
    arm.missing === null ? [] : [`${arm.name} (${arm.run}): ${arm.missing}`],
  );
  const elsewhere = `the runs were on different clusters (${clusters.join(', ')}): times and costs reflect it`;
  const texts = [...unfinished, ...confounders(facts), ...(clusters.length > 1 ? [elsewhere] : [])];
  return texts.map((text) => ({ about: 'caveat', told: true, text }));
}

/** In how much more than their factor the arms differ. */
function confounders({ arms, factor, recipeDifferences }: Omit<Comparison, 'findings'>): readonly string[] {
  const fields = recipeDifferences.map((field) => field.path).join(', ');
  if (factor !== null) return fields === '' ? [] : [`the arms differ in more than ${factor}: ${fields}`];
  if (arms.length < 2) return [];
  const difference = fields === '' ? 'their recipes are equal' : `their recipes differ in ${fields}`;
  return [`the runs share no factor; ${difference}`];
}
