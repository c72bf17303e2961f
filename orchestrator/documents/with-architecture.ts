import { dirname } from 'node:path';
import { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import type { Locate } from './find-inputs.ts';
import { findModel } from './find-model-files.ts';
import { readArchitecture } from './model-architecture.ts';

/** A FineTune or an Evaluation whose model has no numbers. */
const SilentSchema = z.looseObject({
  model: z.looseObject({
    kind: z.literal('pretrained'),
    repository: z.string(),
    revision: z.string().optional(),
    architecture: z.undefined().optional(),
  }),
});
const AblationSchema = z.looseObject({ kind: z.literal('Ablation'), base: z.unknown() });
/** Arms that are told apart by their models. */
const ModelsSchema = z.looseObject({
  factor: z.literal('model'),
  arms: z.array(z.looseObject({ value: z.unknown() })),
});

/**
 * A recipe as it is written, with the numbers of its model where it leaves them to a folder that is here. There they stand
 * as if they had been written, so that the recipe's digest says what was planned.
 *
 * @throws StintError as `findModel`, and `not-a-model` for a folder that does not say them.
 */
export async function withArchitecture(file: string, written: unknown, locate: Locate): Promise<unknown> {
  const ablation = AblationSchema.safeParse(written).data;
  if (ablation !== undefined) {
    const base = await withArchitecture(file, ablation.base, (path) => locate(['base', ...path]));
    return withArms(file, { ...ablation, base }, locate);
  }
  const silent = SilentSchema.safeParse(written).data;
  if (silent === undefined) return written;
  const { model } = silent;
  const found = await findModel(dirname(file), model.repository, model.revision);
  const where = locate(['model', 'repository']);
  if ('what' in found) throw new StintError({ ...found, where });
  if (found.kind !== 'folder') return written;
  const architecture = await readArchitecture(found.folder, where);
  return { ...silent, model: { ...model, architecture } };
}

async function withArms(file: string, ablation: object, locate: Locate): Promise<unknown> {
  const models = ModelsSchema.safeParse(ablation).data;
  if (models === undefined) return ablation;
  const arms = await Promise.all(
    models.arms.map(async (arm, place) => {
      // As it stands in a recipe.
      const whole = { model: arm.value };
      const locateIn: Locate = ([, ...path]) => locate(['arms', place, 'value', ...path]);
      const { model } = (await withArchitecture(file, whole, locateIn)) as typeof whole;
      return { ...arm, value: model };
    }),
  );
  return { ...models, arms };
}
