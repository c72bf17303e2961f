import { isStintError, StintError } from '../errors/stint-error.ts';
import { type Architecture, ArchitectureSchema } from '../recipe/model.ts';
import type { Locate } from './locate-field.ts';
import { readArchitecture } from './model-architecture.ts';

/**
 * Numbers that a recipe writes out are those of the model's folder where that is here: what was planned by others ends in the
 * first stage, and in an evaluation that one holds devices. Of a folder that does not say them, the stages judge.
 *
 * @throws StintError `wrong-field` at each number that is another.
 */
export async function requireSameNumbers(
  folder: string,
  planned: Architecture,
  locate: Locate,
): Promise<void> {
  const found = await numbersOf(folder);
  if (found === null) return;
  const names = Object.keys({ ...found, ...planned }) as (keyof Architecture)[];
  const problems = names.flatMap((name) => {
    const [ours, theirs] = [planned[name], found[name]];
    // A recipe may leave the size of the vocabulary to the model.
    if (ours === theirs || (ours === undefined && name === 'vocabularySize')) return [];
    return {
      code: 'wrong-field' as const,
      where: locate(['model', 'architecture', name]),
      what: `model.architecture.${name} is ${ours ?? QWEN2}`,
      why: `${folder}/config.json says ${theirs ?? QWEN2}`,
      todo: 'leave model.architecture out, which is then read from there; arms whose models differ name each as a whole (factor: model)',
    };
  });
  if (problems.length > 0) throw new StintError(problems);
}

/** What is left out of a parsed recipe is the family that is meant then. */
const QWEN2 = 'qwen2';

async function numbersOf(folder: string): Promise<Architecture | null> {
  try {
    return ArchitectureSchema.parse(await readArchitecture(folder, folder));
  } catch (error) {
    if (isStintError(error)) return null;
    throw error;
  }
}
