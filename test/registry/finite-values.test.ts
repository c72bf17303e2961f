import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstNonFinite } from '../../orchestrator/registry/finite-values.ts';

/** Sign, exponent and fraction bits of each type, the exponent's below the sign's. */
const FORMATS = {
  F32: { bytes: 4, mask: 0x7f800000 },
  BF16: { bytes: 2, mask: 0x7f80 },
  F16: { bytes: 2, mask: 0x7c00 },
} as const;

for (const [dataType, { bytes, mask }] of Object.entries(FORMATS)) {
  const word = fc.nat(256 ** bytes - 1);
  test(`the first ${dataType} whose exponent is all ones is found, and no other`, () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 9 }), fc.subarray([0, 1, 3, 4, 7]), (words, broken) => {
        const values = words.map((value, index) => (broken.includes(index) ? (value | mask) >>> 0 : value));
        const buffer = Buffer.allocUnsafeSlow(values.length * bytes);
        values.forEach((value, index) => buffer.writeUIntLE(value, index * bytes, bytes));
        const first = values.findIndex((value) => (value & mask) === mask);
        expect(firstNonFinite(dataType as keyof typeof FORMATS, buffer)).toBe(first);
      }),
      { numRuns: 500 },
    );
  });
}

test('doubles are judged by their value, and integers are always finite', () => {
  const doubles = new Float64Array([1, -Number.MAX_VALUE, Number.NEGATIVE_INFINITY, Number.NaN]);
  expect(firstNonFinite('F64', new Uint8Array(doubles.buffer))).toBe(2);
  expect(firstNonFinite('F64', new Uint8Array(doubles.buffer, 0, 16))).toBe(-1);
  expect(firstNonFinite('I32', new Uint8Array(8).fill(0xff))).toBe(-1);
});
