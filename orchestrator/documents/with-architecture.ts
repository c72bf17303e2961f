import { dirname } from 'node:path';
import { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import { findModel } from './find-model-files.ts';
import type { Locate } from './locate-field.ts';
import { readArchitecture } from './model-architecture.ts';

/** A model without its numbers. */
const SilentSchema = z.looseObject({
  kind: z.literal('pretrained'),
  repository: z.string(),
  revision: z.string().optional(),
  architecture: z.undefined().optional(),
});
const FieldsSchema = z.record(z.string(), z.unknown());
/** Where an ablation names models beside its base: in what all arms set, and in arms that are told apart by them. */
const AblationSchema = z.looseObject({
  kind: z.literal('Ablation'),
  base: z.unknown(),
  set: FieldsSchema.optional(),
  factor: z.unknown(),
  arms: z.array(FieldsSchema),
});

/**
 * A recipe as it is written, with the numbers of its models where it leaves them to a folder that is here. There they stand
 * as if they had been written, so that the recipe's digest says what was planned.
 *
 * @throws StintError as `findModel`, and `not-a-model` for a folder that does not say them.
 */
export async function withArchitecture(file: string, written: unknown, locate: Locate): Promise<unknown> {
  const numbered = (value: unknown, place: Parameters<Locate>[0]) =>
    withNumbers(file, value, (path) => locate([...place, ...path]));
  const ablation = AblationSchema.safeParse(written).data;
  if (ablation === undefined) return withField(written, 'model', (model) => numbered(model, ['model']));
  const { base, set, factor, arms } = ablation;
  const ofArm = (place: number) => (value: unknown) => numbered(value, ['arms', place, 'value']);
  return {
    ...ablation,
    base: await withField(base, 'model', (model) => numbered(model, ['base', 'model'])),
    ...(set && { set: await withField(set, 'model', (model) => numbered(model, ['set', 'model'])) }),
    arms:
      factor === 'model'
        ? await Promise.all(arms.map((arm, place) => withField(arm, 'value', ofArm(place))))
        : arms,
  };
}

async function withField(
  written: unknown,
  name: string,
  change: (value: unknown) => Promise<unknown>,
): Promise<unknown> {
  const fields = FieldsSchema.safeParse(written).data;
  return fields !== undefined && name in fields ? { ...fields, [name]: await change(fields[name]) } : written;
}

async function withNumbers(file: string, model: unknown, locate: Locate): Promise<unknown> {
  const silent = SilentSchema.safeParse(model).data;
  if (silent === undefined) return model;
  const found = await findModel(dirname(file), silent.repository, silent.revision);
  const where = locate(['repository']);
  if ('what' in found) throw new StintError({ ...found, where });
  if (found.kind !== 'folder') return model;
  return { ...silent, architecture: await readArchitecture(found.folder, where) };
}
