import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../orchestrator/recipe/canonical.ts';

describe('canonicalJson', () => {
  it('sorts keys, drops absent fields and writes no spaces', () => {
    expect(canonicalJson({ b: 1e-5, a: [{ d: null, c: undefined }] })).toBe('{"a":[{"d":null}],"b":0.00001}');
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
      }),
    );
  });

  it('refuses numbers that JSON cannot hold', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow(TypeError);
  });
});
