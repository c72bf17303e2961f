import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { EvaluationSettings } from '../recipe/evaluation.ts';
import {
  type Decoded,
  delimitersOf,
  type EvaluationLoad,
  evaluationBytes,
  evaluationCapacity,
  evaluationLoad,
  type KnownBenchmark,
} from './evaluation-load.ts';
import type { DataLengths } from './lengths.ts';
import type { ModelSize } from './model-size.ts';

/** Fewer rows are not worth fp32: each step reads all weights (trainer/evaluate/memory.py). */
const FEWEST_IN_FP32 = 8;

/**
 * What is decoded at most, as the trainer decides when it is there (trainer/evaluate/memory.py): in fp32 where that
 * fits the device, else in bf16, and as many rows together as fit. One row where not even that does; then it exceeds
 * the device's capacity.
 */
export function fittedLoad(
  recipe: Decoded,
  settings: EvaluationSettings,
  size: ModelSize,
  profile: ClusterProfile,
  lengths: Pick<DataLengths, 'longest' | 'basis'>,
  known: readonly KnownBenchmark[],
): EvaluationLoad {
  const delimiters = delimitersOf(recipe);
  const wanted = evaluationLoad(settings, lengths, known, delimiters);
  const capacity = evaluationCapacity(profile);
  const rowsIn = (elementBytes: EvaluationLoad['elementBytes']): number => {
    const bytes = (rows: number) => evaluationBytes(recipe, size, profile, { ...wanted, rows, elementBytes });
    const row = bytes(1) - bytes(0);
    return Math.min(wanted.rows, Math.max(0, Math.floor((capacity - bytes(0)) / row)));
  };
  const inFp32 = rowsIn(4);
  const gpu = profile.device.kind === 'gpu';
  const elementBytes = gpu && inFp32 < Math.min(wanted.rows, FEWEST_IN_FP32) ? 2 : 4;
  const batch = Math.max(1, elementBytes === 4 ? inFp32 : rowsIn(2));
  return { ...evaluationLoad({ ...settings, batch }, lengths, known, delimiters), elementBytes };
}
