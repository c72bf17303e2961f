import type { DataType } from './safetensors-header.ts';

/** Bits of a 32-bit word, which holds one or two elements. */
interface Exponents {
  readonly mask: number;
  /** The lowest bit of each exponent: added to an exponent of all ones, it carries into the sign's place. */
  readonly lowest: number;
  readonly signs: number;
}

const EXPONENTS: Readonly<Partial<Record<DataType, Exponents>>> = {
  F32: { mask: 0x7f800000, lowest: 0x00800000, signs: 0x80000000 },
  BF16: { mask: 0x7f807f80, lowest: 0x00800080, signs: 0x80008000 },
  F16: { mask: 0x7c007c00, lowest: 0x04000400, signs: 0x80008000 },
};

/**
 * Place of the first NaN or infinity among the elements, or -1. Both have an exponent of all ones.
 *
 * @param bytes - Whole elements, little-endian, at an offset that is a multiple of eight.
 */
export function firstNonFinite(dataType: DataType, bytes: Uint8Array): number {
  const { buffer, byteOffset, byteLength } = bytes;
  const exponents = EXPONENTS[dataType];
  if (exponents === undefined)
    return dataType === 'F64' ? findIn(new Float64Array(buffer, byteOffset, byteLength / 8)) : -1;
  const words = new Uint32Array(buffer, byteOffset, byteLength >> 2);
  const isSound = !hasCarry(words, exponents);
  if (dataType === 'F32') return isSound ? -1 : firstWith(words, exponents.mask);
  const halves = new Uint16Array(buffer, byteOffset, byteLength >> 1);
  const mask = exponents.mask & 0xffff;
  if (!isSound) return firstWith(halves, mask);
  const last = halves.length - 1;
  return halves.length % 2 === 1 && ((halves[last] ?? 0) & mask) === mask ? last : -1;
}

/** Without a branch in the loop: this runs over every word of a model. */
function hasCarry(words: Uint32Array, { mask, lowest, signs }: Exponents): boolean {
  let seen = 0;
  for (let index = 0; index < words.length; index += 1) seen |= ((words[index] ?? 0) & mask) + lowest;
  return (seen & signs) !== 0;
}

function firstWith(words: Uint16Array | Uint32Array, mask: number): number {
  return words.findIndex((word) => (word & mask) === mask);
}

const findIn = (values: Float64Array): number => values.findIndex((value) => !Number.isFinite(value));
