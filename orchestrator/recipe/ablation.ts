import { z } from 'zod';
import { FineTuneSchema } from './fine-tune.ts';
import { Name } from './name.ts';

const FieldPath = z
  .string()
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/, 'expected a dotted field path such as training.sequenceLength');

/** Comparisons and reports name the model that training began from so. */
const UNTOUCHED = 'untouched';

const ArmName = Name.refine((name) => name !== UNTOUCHED, {
  error: `expected another name: a comparison calls the model that training began from "${UNTOUCHED}"`,
});

export const AblationSchema = z.strictObject({
  kind: z.literal('Ablation'),
  name: Name,
  description: z.string().optional(),
  /** A FineTune recipe: written out here, or the path of its file relative to this one. */
  base: z.union([z.string().min(1), FineTuneSchema]),
  /** Fields that every arm sets alike, by path; for example `dataset.overLength: truncate`. */
  set: z.record(FieldPath, z.unknown()).default({}),
  /** The one field in which arms differ. */
  factor: FieldPath,
  arms: z.array(z.strictObject({ name: ArmName, value: z.unknown() })).min(2),
});
export type Ablation = z.infer<typeof AblationSchema>;
