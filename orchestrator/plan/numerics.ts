import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { formatInteger } from '../units/format.ts';
import { isFp8 } from './device-memory.ts';
import { headWidths } from './model-size.ts';
import type { Plan, Verdict } from './plan.ts';

/** FP8 kernels take rows and columns in whole multiples of this (torch._scaled_mm). */
const FP8_MULTIPLE = 16;

/** What a recipe asks for that changes numbers beyond the rounding of bf16 products; nothing does unless it is asked for. */
export function changedNumerics(recipe: FineTune): NonNullable<Plan['changesNumerics']> {
  const { asPublished } = recipe.training;
  return [
    ...(isFp8(recipe)
      ? [
          {
            field: 'training.compute',
            what: 'the blocks’ products round both operands to FP8, each row scaled',
          },
        ]
      : []),
    ...(asPublished
      ? [
          {
            field: 'training.asPublished',
            what: 'gradients are reduced and positions rotated in bf16, as s1’s published stack did',
          },
        ]
      : []),
  ];
}

/** Products in FP8 need a device that has them, and shapes that its kernels take. Undefined where none are asked for. */
export function fp8Products(recipe: FineTune, { name, device }: ClusterProfile): Verdict | undefined {
  if (!isFp8(recipe)) return undefined;
  const verdict = { name: 'fp8-products', refuses: true };
  const refusal =
    device.kind === 'gpu' && device.peakFp8Tflops === undefined
      ? `training.compute is fp8-rowwise, but device.peakFp8Tflops of ${name} is not set: ${device.model} has to multiply in FP8, which an A100 does not; set it where it does (H100: 1979), or training.compute to bf16`
      : oddWidths(recipe);
  const ok = refusal === undefined;
  const message =
    'changes numerics: both operands of the blocks’ products are rounded to FP8, each row with its own scale; head and embedding stay in bf16, checkpoints and exports as with bf16';
  return { ...verdict, ok, message: ok ? message : refusal };
}

function oddWidths({ model: { architecture } }: FineTune): string | undefined {
  const { query, keyValue } = headWidths(architecture);
  const widths = [
    ['model.architecture.hiddenSize', architecture.hiddenSize],
    ['model.architecture.queryHeads x headSize', query],
    ['model.architecture.keyValueHeads x headSize', keyValue],
    ['model.architecture.feedForwardSize', architecture.feedForwardSize],
  ] as const;
  const odd = widths.filter(([, width]) => width % FP8_MULTIPLE !== 0);
  if (odd.length === 0) return undefined;
  const found = odd.map(([field, width]) => `${field} is ${formatInteger(width)}`).join(', ');
  return `training.compute is fp8-rowwise, but ${found}: FP8 products take multiples of ${FP8_MULTIPLE}; set training.compute to bf16`;
}
