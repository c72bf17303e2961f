import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { savedElementsPerToken } from '../../orchestrator/plan/activations.ts';
import { findRemedies } from '../../orchestrator/plan/remedies.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import { plan, profile, recipe, verdict, withTraining } from './fixtures.ts';

const on = (nodes: number) => ({ ...profile('h100-16'), nodes });
/** A host that has no room for a replica of the states on its node. */
const shared = (nodes: number) => ({ ...on(nodes), node: { ...on(nodes).node, memory: 1 } });

describe('what norms of queries and keys keep', () => {
  const { architecture } = recipe('s1-32b').model;
  const more = (
    recompute: 'none' | 'gate' | 'selective' | 'full',
    compile: boolean,
    computeBytes: number,
  ) => {
    const form = { sequenceParallel: 2, compile, computeBytes };
    const of = (modelType: 'qwen3' | 'llama') =>
      savedElementsPerToken({ ...architecture, modelType }, recompute, form);
    return of('qwen3') - of('llama');
  };
  const WIDTH = (40 + 8) * 128;

  it.each([
    ['none', false, 2, 3 * WIDTH + 2 * 48],
    ['none', false, 4, 2 * WIDTH + 48],
    ['none', true, 2, WIDTH + 2 * 48],
    ['gate', false, 2, 0],
    ['selective', true, 2, 0],
    ['full', false, 2, 0],
  ] as const)(
    'recomputing %s, compiled %s, in %i bytes: %i elements',
    (recompute, compile, bytes, elements) => {
      expect(more(recompute, compile, bytes)).toBe(elements);
    },
  );
});

describe('memory of a device', () => {
  it('is the sum of its named parts', () => {
    for (const [of, where] of [
      ['s1-32b', 'h100-16'],
      ['s1.1-32b', 'h200-8'],
      ['s1-32b', 'laptop'],
    ] as const) {
      const { memory } = plan(of, where);
      expect(memory.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(memory.perGpuBytes);
      expect(memory.parts.every((part) => part.bytes >= 0 && part.formula.length > 0)).toBe(true);
    }
  });

  it('never rises with more nodes that share the states', () => {
    const nodes = fc.constantFrom(1, 2, 4, 8);
    fc.assert(
      fc.property(
        nodes,
        nodes,
        fc.constantFrom(64, 128, 256),
        fc.integer({ min: 2000, max: 32_768 }),
        (a, b, batch, limit) => {
          const base = withTraining(recipe('s1.1-32b'), {
            globalBatch: batch,
            sequenceLength: limit,
            recompute: 'full',
          });
          const [few, many] = [Math.min(a, b), Math.max(a, b)];
          expect(sizeUp(base, shared(many)).deviceBytes).toBeLessThanOrEqual(
            sizeUp(base, shared(few)).deviceBytes,
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    [1, [0.66, 2.88, 18.35]],
    [8, [0.66, 3.54, 19.01]],
  ])('rises with what is kept, full, selective, none, with %i ranks a sequence', (ranks, figures) => {
    const { architecture } = recipe('s1-32b').model;
    const megabytes = (['full', 'selective', 'none'] as const).map(
      (recompute) =>
        (64 *
          2 *
          savedElementsPerToken(architecture, recompute, {
            sequenceParallel: ranks,
            compile: true,
            computeBytes: 2,
          })) /
        1e6,
    );
    figures.forEach((figure, index) => expect(megabytes[index]).toBeCloseTo(figure, 2));
  });

  it('keeps the inputs of both norms in fp32, too, where blocks are not compiled', () => {
    const { architecture } = recipe('s1-32b').model;
    const kept = (compile: boolean) =>
      savedElementsPerToken(architecture, 'none', { sequenceParallel: 1, compile, computeBytes: 2 });
    expect(kept(false) - kept(true)).toBe(4 * architecture.hiddenSize);
  });

  it('is that of the step that takes the most, which a longer one that recomputes more may not', () => {
    const sizing = sizeUp(recipe('s1.1-32b'), on(2));
    expect(sizing).toMatchObject({ recompute: 'full', longestTokens: 19_968 });
    expect(sizing.peakTokens).toBe(128 * Math.floor((sizing.recomputeLimits[0]?.upToTokens ?? 0) / 128));
    expect(sizing.deviceBytes / on(2).device.memory).toBeGreaterThan(0.91);
    expect(sizing.deviceBytes / on(2).device.memory).toBeLessThan(0.92);
  });

  it('auto recomputes selectively where the longest step fits so, fully where not, nothing where all fits', () => {
    expect(sizeUp(recipe('s1-32b'), on(2)).recompute).toBe('selective');
    expect(sizeUp(recipe('s1.1-32b'), on(2)).recompute).toBe('full');
    const roomy = { ...on(2), device: { ...on(2).device, memory: 1e12 } };
    expect(sizeUp(recipe('s1-32b'), roomy).recompute).toBe('none');
  });

  it('takes samples of unknown length to fill the sequence', () => {
    const { lengths: _, ...dataset } = recipe('s1-32b').dataset;
    const unknown = { ...recipe('s1-32b'), dataset };
    expect(sizeUp(unknown, on(2)).longestTokens).toBe(32_768);
  });
});

describe('what would make a run fit', () => {
  it('refuses long samples for a 32B model on one node of 80 GB, and every remedy it names is enough', () => {
    expect(plan('s1-32b', 'h100-8').memory.fits).toBe(true);
    const small = plan('s1.1-32b', 'h100-8');
    expect(small.memory.fits).toBe(false);
    expect(verdict(small, 'memory-fits')).toMatchObject({ ok: false, refuses: true });
    expect(verdict(small, 'memory-fits').message).toContain('65.5 GB');
    expect(small.memory.remedies.join()).toMatch(/use 2 nodes, 16 devices.*such as the H200/);
    expect(plan('s1.1-32b', 'h100-16').memory.fits).toBe(true);
    expect(plan('s1.1-32b', 'h200-8').memory.fits).toBe(true);
    const batchOf8 = withTraining(recipe('s1.1-32b'), { globalBatch: 8 });
    expect(small.memory.remedies.join()).toContain('training.globalBatch to 8');
    expect(plan(batchOf8, 'h100-8').memory.fits).toBe(true);
    expect(small.memory.remedies).toHaveLength(4);
  });

  it('says of a shorter sequence how many samples exceed it, and of a batch only smaller ones', () => {
    const small = { ...on(1), device: { ...on(1).device, memory: 80e9 } };
    const found = findRemedies(recipe('s1.1-32b'), small).join('\n');
    expect(found).toMatch(/training\.sequenceLength to [\d,]+, which [\d.]+% of the samples exceed/);
    const { lengths: _, ...dataset } = recipe('s1-32b').dataset;
    const unknown = findRemedies({ ...recipe('s1-32b'), dataset }, small).join('\n');
    expect(unknown).toMatch(/training\.sequenceLength to [\d,]+ \(/);
    for (const [, batch] of `${found}\n${unknown}`.matchAll(/globalBatch to (\d+)/g))
      expect(Number(batch)).toBeLessThan(recipe('s1-32b').training.globalBatch);
  });

  it('names the knob of the recipe where the recipe is to blame', () => {
    const wide = withTraining(recipe('s1-32b'), { recompute: 'none' });
    expect(findRemedies(wide, on(2))[0]).toContain('training.recompute to auto');
  });

  it('names no sequence of less than eight tokens', () => {
    const lengthsOf = (sequenceLength: number) =>
      findRemedies(withTraining(recipe('s1-32b'), { sequenceLength }), on(2)).filter((each) =>
        each.includes('training.sequenceLength'),
      );
    expect(lengthsOf(16)).toHaveLength(1);
    expect(lengthsOf(15)).toEqual([]);
  });

  it('takes what a knob does not go with for no remedy, and a defect for a defect', () => {
    const { model, ...others } = withTraining(recipe('s1-32b'), { recompute: 'none' });
    const broken = {
      ...others,
      model: {
        ...model,
        get architecture(): never {
          throw new Error('a defect');
        },
      },
    };
    expect(() => findRemedies(broken, on(2))).toThrow('a defect');
  });

  it('names nothing that does not help', () => {
    const tiny = { ...on(1), device: { ...on(1).device, memory: 4e9 }, node: { ...on(1).node, memory: 1e9 } };
    expect(findRemedies(recipe('s1-32b'), tiny)).toEqual([]);
    expect(verdict(plan(recipe('s1-32b'), tiny), 'memory-fits').message).toContain('no single change');
  });

  it('stages a checkpoint in host memory, if only the last: weights and moments of the node’s ranks, pinned', () => {
    for (const everySteps of [null, 100]) {
      const saving = withTraining(recipe('s1-32b'), { checkpoint: { everySteps, keep: 2 } });
      const staged = sizeUp(saving, on(2)).hostBytes - 8 * 3e9;
      expect(staged / 1e9).toBeCloseTo((2 * 12 * 32.764) / 2, 0);
    }
  });
});
