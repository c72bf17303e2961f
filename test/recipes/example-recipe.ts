import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The example's recipe with its data, where a model's folder lies beside it: the example fetches its model, and on most machines
 * that never ran it there is none. Only its name counts for what is read of the recipe; its weights are not here.
 */
export function exampleRecipe(): string {
  const root = mkdtempSync(join(tmpdir(), 'stint-example-'));
  const file = join(root, 'recipes', 'smollm2.yaml');
  const model = join(root, '.cache', 'example', 'model');
  mkdirSync(model, { recursive: true });
  writeFileSync(join(model, 'config.json'), '{}');
  mkdirSync(dirname(file));
  cpSync('recipes/smollm2.yaml', file);
  cpSync('recipes/data', join(dirname(file), 'data'), { recursive: true });
  return file;
}
