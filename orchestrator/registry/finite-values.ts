import type { DataType } from './safetensors-header.ts';

/**
 * Place of the first NaN or infinity among the elements, or -1. An exponent of all ones is what both have in common.
 *
 * @param bytes - Whole elements, little-endian, at an offset that is a multiple of eight.
 */
export function firstNonFinite(dataType: DataType, bytes: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = bytes;
  switch (dataType) {
    case 'F16':
      return firstWith(new Uint16Array(buffer, byteOffset, byteLength / 2), 0x7c00);
    case 'BF16':
      return firstWith(new Uint16Array(buffer, byteOffset, byteLength / 2), 0x7f80);
    case 'F32':
      return firstWith(new Uint32Array(buffer, byteOffset, byteLength / 4), 0x7f800000);
    case 'F64':
      return new Float64Array(buffer, byteOffset, byteLength / 8).findIndex(
        (value) => !Number.isFinite(value),
      );
    case 'I64':
    case 'I32':
    case 'I16':
    case 'I8':
    case 'U8':
    case 'BOOL':
      return -1;
  }
}

function firstWith(words: Uint16Array | Uint32Array, exponent: number): number {
  for (let index = 0; index < words.length; index += 1)
    if (((words[index] ?? 0) & exponent) === exponent) return index;
  return -1;
}
