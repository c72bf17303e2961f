import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { counted } from '../units/counted.ts';
import { formatInteger } from '../units/format.ts';
import type { Inspection } from '../wire/inspection.ts';

/** Rows that a message names. */
const FIRST = 3;

/** What of the data would end prepare, each with what to do: found while nothing has started. */
export function whatPrepareRefuses(recipe: FineTune, inspection: Inspection): string[] {
  const { broken, brokenRows, controlTokens, controlTokenRows, lengths } = inspection;
  const { overLength } = recipe.dataset;
  const policy = { field: 'dataset.controlTokens', says: recipe.dataset.controlTokens };
  const limit = recipe.training.sequenceLength;
  const found: string[] = [];
  if (brokenRows > 0)
    found.push(
      `${rows(brokenRows)} cannot be used (${places(broken, brokenRows)}): fix or remove them; \`stint data inspect\` lists them`,
    );
  if (controlTokens > 0 && policy.says === 'refuse')
    found.push(heldIn(rows(controlTokens), places(controlTokenRows, controlTokens), policy));
  if (overLength === 'truncate') {
    const without = countUnlabelled(inspection, limit);
    if (without > 0)
      found.push(
        `${rows(without)} would have no label left within training.sequenceLength ${limit}, because their questions alone are that long: raise it, or remove them`,
      );
  }
  if (overLength === 'drop' && lengths.length > 0 && lengths.every((length) => length > limit))
    found.push(`every sample is longer than training.sequenceLength ${limit}, so none is left: raise it`);
  if (lengths.length === 0 && found.length === 0)
    found.push('there are no rows: point dataset.source at data');
  return [...found, ...whatCannotBeAsked(recipe.evaluation?.benchmarks ?? [], inspection.benchmarks, policy)];
}

/** What a recipe says of control tokens in text, and where. */
interface ControlTokenPolicy {
  readonly field: string;
  readonly says: 'refuse' | 'text';
}

const heldIn = (what: string, where: string, { field }: ControlTokenPolicy): string =>
  `control tokens of the tokenizer stand as text in ${what} (${where}): remove them, or set ${field} to text, which makes plain text of them`;

/** What of an evaluation's questions would end it, each with what to do. */
export const whatCannotBeAsked = (
  asked: EvaluationSettings['benchmarks'],
  benchmarks: Inspection['benchmarks'],
  policy: ControlTokenPolicy,
): string[] =>
  benchmarks.flatMap((found) => {
    const { name, rows: usable, broken, brokenRows, controlTokens, controlTokenRows } = found;
    const named = asked.find((each) => each.name === name)?.questions ?? usable;
    if (brokenRows > 0)
      return `${rows(brokenRows)} of benchmark ${name} cannot be used (${places(broken, brokenRows)}): fix or remove them`;
    if (usable === 0) return `benchmark ${name} holds no question: point its source at some`;
    if (controlTokens > 0 && policy.says === 'refuse')
      return heldIn(
        `${rows(controlTokens)} of benchmark ${name}`,
        places(controlTokenRows, controlTokens),
        policy,
      );
    if (usable !== named)
      return `benchmark ${name} holds ${counted(usable, 'question')}, and the recipe says ${formatInteger(named)}: name the source that was meant, or correct \`questions\``;
    return [];
  });

const rows = (count: number): string => `${count} ${count === 1 ? 'row' : 'rows'}`;

function places(broken: Inspection['broken'], count: number): string {
  const shown = broken.slice(0, FIRST).map(({ file, line, what }) => `${file}:${line} ${what}`);
  const more = count - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** Samples of which a cut to so many tokens leaves no label, because what precedes their labels fills them. */
export const countUnlabelled = (
  { lengths, labels }: Pick<Inspection, 'lengths' | 'labels'>,
  limit: number,
): number => lengths.filter((length, index) => length - (labels[index] ?? length) >= limit).length;
