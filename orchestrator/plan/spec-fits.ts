import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import { formatBytes, formatInteger } from '../units/format.ts';
import type { Verdict } from './plan.ts';
import type { PlannedInputs } from './planned-inputs.ts';

/** Of the data of one ConfigMap, by which the specification reaches every pod: MaxSecretSize of Kubernetes' validation. */
const CONFIG_MAP_BYTES = 2 ** 20;
/** What the specification has beside recipe and inputs is figures and names: below 2 KiB for every shipped recipe. */
const REST_BYTES = 16 * 2 ** 10;

/** Undefined where the specification is a file, and where it is far from the limit. */
export function specFits(
  recipe: RunRecipe,
  inputs: PlannedInputs,
  { backend }: ClusterProfile,
): Verdict | undefined {
  if (backend.kind === 'local') return undefined;
  const bytes = bytesOf(recipe) + bytesOf(inputs) + REST_BYTES;
  if (bytes <= CONFIG_MAP_BYTES) return undefined;
  const largest = Object.entries(parts(recipe)).toSorted(([, a], [, b]) => bytesOf(b) - bytesOf(a))[0];
  return {
    name: 'spec-fits',
    ok: false,
    refuses: true,
    message: `the recipe has ${formatInteger(bytesOf(recipe))} bytes, and what a pod is told has to fit in the ${formatBytes(CONFIG_MAP_BYTES)} of a ConfigMap: shorten ${largest?.[0] ?? 'it'}, the largest part of it`,
  };
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(canonicalJson(value)).length;

const parts = (recipe: RunRecipe): Readonly<Record<string, unknown>> => ({
  ...within('model', recipe.model),
  ...(recipe.kind === 'FineTune' && {
    ...within('dataset', recipe.dataset),
    ...within('training', recipe.training),
  }),
  ...within('evaluation', recipe.evaluation ?? {}),
});

const within = (name: string, value: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .map(([field, part]) => [`${name}.${field}`, part]),
  );
