import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { render } from '../../orchestrator/cli/commands/render.ts';
import { commandContext } from './command-context.ts';

async function printed(recipe: string | undefined, options: { cluster: string; runtime?: boolean }) {
  const { context, printed: lines } = commandContext({});
  expect(await render(recipe, options, context)).toBe(0);
  return parseAllDocuments(lines.join('\n')).map(
    (document) => document.toJS() as { kind: string; metadata: { name: string } },
  );
}
const kinds = (objects: readonly { readonly kind: string }[]) => objects.map(({ kind }) => kind);

describe('stint render', () => {
  test('prints a ConfigMap and a JobSet for each stage, for as many runs as the recipe has arms', async () => {
    const stage = ['ConfigMap', 'JobSet'];
    const run = [...stage, ...stage, ...stage, ...stage];
    expect(kinds(await printed('recipes/s1-32b.yaml', { cluster: 'h100-16' }))).toEqual(run);
    const arms = await printed('recipes/ablations/sequence-length.yaml', { cluster: 'h100-16' });
    expect(kinds(arms)).toEqual([...run, ...run]);
  });

  test('prints the two runtimes of a profile, whatever carries its pods', async () => {
    const runtimes = await printed(undefined, { cluster: 'gke-a3-mega-16', runtime: true });
    expect(runtimes.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ClusterTrainingRuntime stint-gke-a3-mega-16-devices',
      'ClusterTrainingRuntime stint-gke-a3-mega-16-processors',
    ]);
  });

  test.for([
    ['nothing to render', undefined, { cluster: 'laptop' }, 'no-recipe'],
    ['a runtime of this machine', undefined, { cluster: 'laptop', runtime: true }, 'no-runtime'],
    ['a runtime of a recipe', 'recipes/s1-32b.yaml', { cluster: 'h100-16', runtime: true }, 'no-runtime'],
  ] as const)('refuses %s', async ([, recipe, options, code]) => {
    await expect(printed(recipe, options)).rejects.toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code })] }),
    );
  });
});
