import { z } from 'zod';
import { parseJson } from '../wire/parse-json.ts';
import type { FileFinding } from './finding.ts';

/** Bytes of an element (https://github.com/huggingface/safetensors, README, "Format"); those that a checkpoint may use. */
const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type DataType = keyof typeof ELEMENT_BYTES;

export const elementBytes = (dataType: DataType): number => ELEMENT_BYTES[dataType];

/** A header longer than this is refused, as the format's own readers do. */
export const MAX_HEADER_BYTES = 100_000_000;

/** Bytes before the header: its length, little-endian. */
export const LENGTH_BYTES = 8;

export interface Tensor {
  readonly name: string;
  readonly dataType: DataType;
  readonly shape: readonly number[];
  /** Where its bytes begin and end in the file. */
  readonly begin: number;
  readonly end: number;
}

const TensorSchema = z.strictObject({
  dtype: z.enum(Object.keys(ELEMENT_BYTES) as [DataType, ...DataType[]]),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});

const HeaderSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).optional() })
  .catchall(TensorSchema);

/**
 * The tensors of a safetensors file in the order of their bytes, and what its header gets wrong: the format asks for
 * data without holes or overlaps up to the end of the file.
 *
 * @param text - The header, without its length.
 * @param dataBegin - Where the data begins in the file.
 */
export function readHeader(
  path: string,
  text: string,
  dataBegin: number,
  fileBytes: number,
): { readonly tensors: readonly Tensor[]; readonly findings: readonly FileFinding[] } {
  const bad = (message: string, tensor?: string): FileFinding => ({
    kind: 'bad-header',
    path,
    ...(tensor === undefined ? {} : { tensor }),
    message: `${path}: ${tensor === undefined ? '' : `${tensor}: `}${message}`,
  });
  const parsed = HeaderSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.');
    return {
      tensors: [],
      findings: [bad(`the header is not valid: ${field ? `${field}: ` : ''}${issue?.message}`)],
    };
  }
  const { __metadata__: _, ...entries } = parsed.data;
  const tensors = Object.entries(entries)
    .map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        return { name, dataType: dtype, shape, begin: dataBegin + begin, end: dataBegin + end };
      },
    )
    .toSorted((a, b) => a.begin - b.begin || a.end - b.end);

  const findings: FileFinding[] = [];
  let expected = dataBegin;
  for (const { name, dataType, shape, begin, end } of tensors) {
    const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[dataType]);
    if (end - begin !== bytes)
      findings.push(
        bad(`${end - begin} bytes hold no ${dataType} of shape [${shape.join(', ')}], ${bytes} would`, name),
      );
    if (begin !== expected)
      findings.push(bad(`begins at byte ${begin}, not at ${expected} where the one before ends`, name));
    expected = end;
  }
  if (expected !== fileBytes)
    findings.push(bad(`the header describes ${expected} bytes, and the file has ${fileBytes}`));
  return { tensors, findings };
}
