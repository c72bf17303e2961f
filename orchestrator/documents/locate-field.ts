import type { Ablation } from '../recipe/ablation.ts';
import type { FieldPath } from '../recipe/field-path.ts';

/** `file:line:column` of a field of the recipe. */
export type Locate = (path: readonly (string | number)[]) => string;

/** Where a field of an arm's recipe is written: in which document, and under which path there. */
export interface WrittenAt {
  readonly document: 'recipe' | 'base';
  readonly path: FieldPath;
}

/** An arm's field may come from the arm, from what all arms set, or from the base, which may be a file of its own. */
export function writtenAt(ablation: Ablation, arm: number, path: readonly (string | number)[]): WrittenAt {
  const dotted = path.join('.');
  const below = (parent: string) => dotted === parent || dotted.startsWith(`${parent}.`);
  const rest = (parent: string) => path.slice(parent.split('.').length);
  const { factor, set, base } = ablation;
  if (below(factor)) return { document: 'recipe', path: ['arms', arm, 'value', ...rest(factor)] };
  const setter = Object.keys(set).find(below);
  if (setter !== undefined) return { document: 'recipe', path: ['set', setter, ...rest(setter)] };
  return typeof base === 'string'
    ? { document: 'base', path }
    : { document: 'recipe', path: ['base', ...path] };
}
