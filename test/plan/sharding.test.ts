import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { plan, profile, recipe, withTraining } from './fixtures.ts';

const nodes = (name: string, number: number): ClusterProfile => ({ ...profile(name), nodes: number });
const ethernet = (of: ClusterProfile) => ({ ...of, network: profile('ethernet-16').network });
const withMemory = (of: ClusterProfile, bytes: number) => ({
  ...of,
  device: { ...of.device, memory: bytes },
});

describe('sharding', () => {
  it('keeps a replica of a 32B model on each node of H200, on nodes of H100 only with short samples', () => {
    expect(plan('s1-32b', nodes('h200-8', 2)).sharding).toBe('hybrid');
    for (const number of [2, 3, 4, 8, 16])
      expect(
        plan(withTraining(recipe('s1-32b'), { globalBatch: 48 }), nodes('h100-16', number)).sharding,
      ).toBe('full');
    const short = withTraining(recipe('s1-32b'), { sequenceLength: 1024, recompute: 'full' });
    expect(plan(short, 'h100-16').sharding).toBe('hybrid');
  });

  it('keeps no replica where that would recompute more: s1K-1.1’s longest steps on H200', () => {
    const on = nodes('h200-8', 2);
    expect(plan('s1.1-32b', on)).toMatchObject({ sharding: 'full', recompute: 'selective' });
    const always = withTraining(recipe('s1.1-32b'), { recompute: 'full' });
    expect(plan(always, on).sharding).toBe('hybrid');
  });

  it('has nothing to choose on one node, nor with one device a node', () => {
    expect(plan('s1-32b', 'h200-8').sharding).toBe('full');
    const single = { ...profile('laptop'), nodes: 2, devicesPerNode: 1 };
    expect(plan(withTraining(recipe('s1-32b'), { globalBatch: 16 }), single).sharding).toBe('full');
  });

  it('holds a node’s share of the states on each device, on the host as well', () => {
    const hybrid = sizeUp(recipe('s1-32b'), nodes('h200-8', 2));
    const alone = sizeUp(recipe('s1-32b'), profile('h200-8'));
    const states = (of: typeof hybrid) => of.parts.slice(0, 2).map(({ bytes }) => bytes);
    expect(states(hybrid)).toEqual(states(alone));
    expect(hybrid.hostBytes).toBe(alone.hostBytes);
  });

  it('fits whenever it is hybrid, and recomputes no more than full sharding would', () => {
    const order = ['none', 'gate', 'selective', 'full'];
    fc.assert(
      fc.property(
        fc.constantFrom('s1-32b', 's1.1-32b'),
        fc.integer({ min: 60, max: 1500 }),
        (name, gigabytes) => {
          const on = withMemory(nodes('h200-8', 2), gigabytes * 1e9);
          const chosen = sizeUp(recipe(name), on);
          // With less room on the host for a checkpoint of a node’s own, only full sharding is left.
          const host = { ...on, node: { ...on.node, memory: 500e9 } };
          const full = sizeUp(recipe(name), host);
          expect(full.layout.sharding).toBe('full');
          if (chosen.layout.sharding === 'hybrid') {
            expect(chosen.fitsDevice && chosen.fitsHost).toBe(true);
            expect(chosen.deviceBytes).toBeLessThanOrEqual(0.9 * on.device.memory);
            expect(chosen.recompute).toBe(full.recompute);
            expect(order.indexOf(chosen.recompute)).toBeLessThanOrEqual(order.indexOf(full.recompute));
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('sends half as much over a slow network between two nodes: the summed gradients alone', () => {
    const slow = ethernet(nodes('h200-8', 2));
    const hybrid = plan('s1-32b', slow);
    const full = plan('s1-32b', { ...slow, node: { ...slow.node, memory: 500e9 } });
    expect([hybrid.sharding, full.sharding]).toEqual(['hybrid', 'full']);
    // 32.764 G parameters: 4 B each way between two nodes; 8 B over a ring of 16, but for 2.045 G that are gathered once.
    expect(hybrid.duration.networkSeconds).toBeCloseTo((32.764 * 4) / 12, 1);
    expect(hybrid.duration.ringSeconds).toBe(hybrid.duration.networkSeconds);
    expect(full.duration.networkSeconds).toBeCloseTo(((32.764 * 8 - 2.045 * 2) * (15 / 16)) / 12, 1);
    // On a fast one the links inside a node take longer: 8 B at 300 GB/s, beside 4 B at 340 GB/s.
    const fast = plan('s1-32b', nodes('h200-8', 2)).duration;
    expect(fast.networkSeconds).toBeCloseTo(((32.764 * 8 - 2.045 * 2) * (7 / 8)) / 300, 3);
    expect(fast.ringSeconds).toBeCloseTo((32.764 * 4) / 340, 3);
  });
});
