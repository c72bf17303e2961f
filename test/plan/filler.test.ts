import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filledUp, fillerLengths, tokensPerRank } from '../../orchestrator/plan/filler.ts';
import { loadOf } from '../../orchestrator/plan/flops.ts';
import { layoutOf } from '../../orchestrator/plan/parallelism.ts';
import { profile, recipe } from './fixtures.ts';

const GPUS = layoutOf(recipe('s1-32b'), profile('h100-16'));
const UNCOMPILED = { ...recipe('s1-32b'), training: { ...recipe('s1-32b').training, compile: false } };

describe('what fills a packed sequence up', () => {
  it('makes tokens and documents whole multiples with documents of equal length, none empty', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(lengths, (each) => {
        const filler = fillerLengths(loadOf(each), GPUS);
        const filled = filledUp(loadOf(each), GPUS);
        expect(filled).toEqual(loadOf([...each, ...filler]));
        expect([filled.tokens % (8 * 128), filled.samples % 4]).toEqual([0, 0]);
        expect(filler.every((length) => length >= 1 && length <= 8 * 128)).toBe(true);
        expect(Math.max(0, ...filler) - Math.min(8 * 128, ...filler)).toBeLessThanOrEqual(1);
        expect(fillerLengths(filled, GPUS)).toEqual([]);
        expect(tokensPerRank(loadOf(each), GPUS)).toBe(filled.tokens / 8);
      }),
    );
  });

  it('is whole tiles on GPUs and where blocks are compiled', () => {
    expect(tokensPerRank({ samples: 8, tokens: 45_000 }, GPUS)).toBe(44 * 128);
    expect(tokensPerRank({ samples: 8, tokens: 45_056 }, GPUS)).toBe(44 * 128);
    // Two documents are missing, and there are tokens for one.
    expect(tokensPerRank({ samples: 6, tokens: 45_055 }, GPUS)).toBe(45 * 128);
    const laptop = profile('laptop');
    expect(tokensPerRank({ samples: 3, tokens: 1001 }, layoutOf(UNCOMPILED, laptop))).toBe(1001);
    expect(tokensPerRank({ samples: 3, tokens: 1001 }, layoutOf(recipe('s1-32b'), laptop))).toBe(1024);
  });
});
