import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { render } from '../../orchestrator/cli/commands/render.ts';
import { commandContext } from './command-context.ts';

interface Options {
  readonly cluster: string;
  readonly runtime?: boolean;
  readonly stage?: string;
  readonly endpoint?: string;
}

async function text(recipe: string | undefined, options: Options): Promise<string> {
  const { context, printed: lines } = commandContext({});
  expect(await render(recipe, options, context)).toBe(0);
  return lines.join('\n');
}

const printed = async (recipe: string | undefined, options: Options) =>
  parseAllDocuments(await text(recipe, options)).map(
    (document) => document.toJS() as { kind: string; metadata: { name: string } },
  );

const kinds = (objects: readonly { readonly kind: string }[]) => objects.map(({ kind }) => kind);

describe('stint render', () => {
  test('says that a launch would refuse what it prints, and why, apart from the objects', async () => {
    const { context, printed: lines, told } = commandContext({});
    expect(await render('recipes/s1.1-32b.yaml', { cluster: 'h100-8' }, context)).toBe(0);
    expect(told.join()).toMatch(/`stint launch` would refuse this on h100-8: memory-fits/);
    expect(lines.join()).not.toContain('would refuse');
    const fine = commandContext({});
    await render('recipes/quickstart.yaml', { cluster: 'laptop', stage: 'prepare' }, fine.context);
    expect(fine.told).toEqual([]);
  });

  test('prints each object once, stage by stage, for as many runs as the recipe has arms', async () => {
    const run = ['ConfigMap', 'JobSet', 'JobSet', 'JobSet', 'JobSet'];
    expect(kinds(await printed('recipes/s1-32b.yaml', { cluster: 'h100-16' }))).toEqual(run);
    const arms = await printed('recipes/ablations/sequence-length.yaml', { cluster: 'h100-16' });
    expect(kinds(arms)).toEqual([...run, ...run]);
    expect(new Set(arms.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size).toBe(arms.length);
  });

  test('says that all stages would start at once, and names each', async () => {
    const all = await text('recipes/s1-32b.yaml', { cluster: 'h100-16' });
    expect(all).toMatch(/^# Stages are jobs of their own: applied together, all would start at once/);
    expect(all.match(/^# r-preview, stage .*$/gm)).toEqual([
      '# r-preview, stage prepare (1 of 4)',
      '# r-preview, stage train (2 of 4)',
      '# r-preview, stage export (3 of 4)',
      '# r-preview, stage evaluate (4 of 4)',
    ]);
  });

  test('prints one stage with all that it needs', async () => {
    const train = await printed('recipes/s1-32b.yaml', { cluster: 'h100-16', stage: 'train' });
    expect(train.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap r-preview-spec',
      'JobSet r-preview-train-a1',
    ]);
  });

  test('prints the stages of an evaluation, with who answers named in the recipe or beside it', async () => {
    const options = { cluster: 'h100-16', endpoint: 'http://inference.example/v1' };
    const objects = await printed('recipes/evaluate/s1-32b.yaml', { cluster: 'h100-16' });
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'ConfigMap r-preview-spec',
      'JobSet r-preview-prepare-a1',
      'JobSet r-preview-evaluate-a1',
    ]);
    expect(await text('recipes/evaluate/s1-32b.yaml', { cluster: 'h100-16' })).not.toContain(
      'inference.example',
    );
    expect(await text('recipes/evaluate/s1-32b.yaml', options)).toContain(options.endpoint);
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
    [
      'a stage that there is none of',
      'recipes/s1-32b.yaml',
      { cluster: 'h100-16', stage: 'trian' },
      'no-such-stage',
    ],
    [
      'the runtime of a stage',
      undefined,
      { cluster: 'h100-16', runtime: true, stage: 'train' },
      'no-runtime',
    ],
    ['a runtime of a recipe', 'recipes/s1-32b.yaml', { cluster: 'h100-16', runtime: true }, 'no-runtime'],
  ] as const)('refuses %s', async ([, recipe, options, code]) => {
    await expect(printed(recipe, options)).rejects.toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ code })] }),
    );
  });
});
