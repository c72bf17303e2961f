import type { LoadedArm } from '../documents/load-recipe.ts';
import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { Source } from '../recipe/dataset.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';

/**
 * A run of this machine finds nothing that this machine does not have.
 *
 * @throws StintError `input-not-here`, of what only a cluster's volume may hold.
 */
export function requireInputsHere(
  { arms, file }: { readonly file: string; readonly arms: readonly LoadedArm<RunRecipe>[] },
  { name, backend }: ClusterProfile,
): void {
  if (backend.kind !== 'local') return;
  for (const { recipe, inputs } of arms) {
    const missing = [
      ...(inputs.model?.kind === 'elsewhere'
        ? [{ path: inputs.model.folder, where: 'model.repository' }]
        : []),
      ...(recipe.kind === 'FineTune' ? missingFiles(recipe.dataset.source, inputs.dataset, 'dataset') : []),
      ...(recipe.evaluation?.benchmarks ?? []).flatMap(({ source }, index) =>
        missingFiles(source, inputs.benchmarks[index]?.files ?? null, `evaluation.benchmarks[${index}]`),
      ),
    ];
    if (missing.length > 0)
      throw new StintError(
        missing.map(({ path, where }) => ({
          code: 'input-not-here',
          where: `${file} ${where}`,
          what: `there is nothing at ${path}`,
          why: `runs on ${name} work on this machine`,
          todo: 'put it there, fix the path, or name the profile of the cluster that holds it',
        })),
      );
  }
}

const missingFiles = (source: Source, found: readonly unknown[] | null, where: string) =>
  source.kind === 'file' && found === null
    ? [{ path: [source.path].flat().join(', '), where: `${where}.source.path` }]
    : [];
