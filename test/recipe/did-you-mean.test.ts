import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance } from '../../orchestrator/recipe/did-you-mean.ts';

describe('editDistance', () => {
  it.each([
    ['', 'abc', 3],
    ['lenght', 'length', 1],
    ['epochs', 'epoch', 1],
    ['kitten', 'sitting', 3],
  ])('%s and %s differ by %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric and 0 only for equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    );
  });
});

describe('didYouMean', () => {
  const known = ['sequenceLength', 'globalBatch', 'epochs'];

  it.each([
    ['sequenceLenght', 'sequenceLength'],
    ['sequence_length', 'sequenceLength'],
    ['globalbatch', 'globalBatch'],
    ['epoch', 'epochs'],
  ])('%s was meant as %s', (word, meant) => {
    expect(didYouMean(word, known)).toBe(meant);
  });

  it('offers nothing where nothing is near', () => {
    expect(didYouMean('banana', known)).toBeUndefined();
  });
});
