import { describe, expect, it } from 'vitest';
import type { DataLengths } from '../../orchestrator/plan/lengths.ts';
import { sizeUp } from '../../orchestrator/plan/sizing.ts';
import type { StepTime } from '../../orchestrator/plan/step-time.ts';
import {
  dataUsable,
  hostMemoryFits,
  lengthsKnown,
  memoryFits,
  networkKeepsUp,
  noSilentTruncation,
  withinBudget,
  withinPositions,
  worldMatchesBatch,
} from '../../orchestrator/plan/verdicts.ts';
import type { FineTune } from '../../orchestrator/recipe/fine-tune.ts';
import { profile, recipe, withTraining } from './fixtures.ts';

const s1 = recipe('s1-32b');
const h100 = profile('h100-16');
const laptop = profile('laptop');
const sizing = sizeUp(s1, h100);

const lengths = (facts: Partial<DataLengths> = {}): DataLengths => ({
  basis: 'measured',
  kept: [],
  total: 1_000,
  overLength: 0,
  longest: 12_345,
  tracesOverLength: null,
  unknown: null,
  unusable: [],
  ...facts,
});

describe('what is known of lengths', () => {
  it.each([
    ['prepared', true, 'lengths come from the prepared data'],
    ['measured', true, 'lengths of all 1,000 samples are measured with the model’s own tokenizer'],
    ['histogram', true, 'lengths come from the histogram in the recipe'],
    ['distribution', true, 'lengths come from the generator’s distribution'],
    [
      'none',
      false,
      'no sample’s length is known, so neither steps nor cost can be given: add dataset.lengths to the recipe',
    ],
  ] as const)('is said by where it comes from: %s', (basis, ok, message) => {
    expect(lengthsKnown(lengths({ basis }), h100)).toEqual({
      name: 'lengths-known',
      ok,
      refuses: true,
      message,
    });
    expect(lengthsKnown(lengths({ basis }), laptop).refuses).toBe(false);
  });

  it('is said with why nothing is, where that is known', () => {
    expect(lengthsKnown(lengths({ basis: 'none', unknown: 'fetch it' }), h100).message).toMatch(
      /given: fetch it$/,
    );
  });

  it('decides whether rows can be used: read, not yet read, or not usable', () => {
    const told = (facts: Partial<DataLengths>) => {
      const { name, ok, refuses, message } = dataUsable(lengths(facts));
      expect([name, refuses]).toEqual(['data-usable', true]);
      return [ok, message];
    };
    const all = 'every row of the data can be used';
    expect(told({})).toEqual([true, all]);
    expect(told({ basis: 'prepared' })).toEqual([true, all]);
    expect(told({ basis: 'histogram' })).toEqual([true, 'unknown until the data is read']);
    expect(told({ unusable: ['a is wrong', 'b is wrong'] })).toEqual([false, 'a is wrong; b is wrong']);
  });
});

describe('samples that are too long', () => {
  const cut = (overLength: FineTune['dataset']['overLength'], facts: Partial<DataLengths>) => {
    const limited = withTraining(
      { ...s1, dataset: { ...s1.dataset, overLength } },
      { sequenceLength: 4_096 },
    );
    const { name, refuses, ok, message } = noSilentTruncation(limited, lengths(facts));
    expect([name, refuses]).toEqual(['no-silent-truncation', true]);
    return { ok, message };
  };
  const some = { overLength: 250, tracesOverLength: 0.125 };
  const figures = '250 of 1,000 samples (25.0%) are longer than 4,096 tokens';
  const traces = '; in 12.5% the trace alone is longer';

  it('are cut or left out where the recipe asks for that, and else refused, with the figures', () => {
    expect(cut('truncate', some)).toEqual({
      ok: true,
      message: `${figures}${traces}; their ends are cut, as the recipe asks`,
    });
    expect(cut('drop', { overLength: 250 })).toEqual({
      ok: true,
      message: `${figures}; they are left out, as the recipe asks`,
    });
    expect(cut('refuse', some)).toEqual({
      ok: false,
      message: `${figures}${traces}, the longest 12,345: raise training.sequenceLength to at least that, or set dataset.overLength to drop or truncate`,
    });
  });

  it('are none, or unknown', () => {
    expect(cut('refuse', {})).toEqual({
      ok: true,
      message: 'no sample is longer than 4,096 tokens (longest: 12,345)',
    });
    expect(cut('drop', { basis: 'none', overLength: 9 })).toEqual({
      ok: true,
      message: 'unknown until the data is prepared, which then applies dataset.overLength: drop',
    });
  });

  it('are so for a model from its positions on', () => {
    const { maxPositions } = s1.model.architecture;
    const at = (sequenceLength: number) => withinPositions(withTraining(s1, { sequenceLength }));
    expect(at(maxPositions)).toEqual({
      name: 'within-positions',
      ok: true,
      refuses: true,
      message: 'sequences of 32,768 tokens lie within the model’s 32,768 positions',
    });
    expect(at(maxPositions + 1)).toMatchObject({
      ok: false,
      message: 'training.sequenceLength 32,769 exceeds the model’s 32,768 positions: lower it to that',
    });
  });
});

describe('batch and memory', () => {
  it('say how they are shared out', () => {
    expect(worldMatchesBatch(s1, sizing)).toEqual({
      name: 'world-matches-batch',
      ok: true,
      refuses: true,
      message: 'a batch of 16 is shared by 2 groups of 8 ranks, 8 samples a group on average',
    });
  });

  it('say what a device takes, and where that is too much what would do', () => {
    const facts = { ...sizing, deviceBytes: 70e9, peakTokens: 5_120 };
    const figures =
      'the largest step (5,120 tokens a rank) takes 70.0 GB of a device’s 80.0 GB, 32.8 GB of it weights, gradients and moments in fp32';
    const on = { ...h100, device: { ...h100.device, memory: 80e9 } };
    expect(memoryFits({ ...facts, fitsDevice: true }, on, [])).toEqual({
      name: 'memory-fits',
      ok: true,
      refuses: true,
      message: figures,
    });
    expect(memoryFits({ ...facts, fitsDevice: false }, on, ['use 4 nodes', 'halve it'])).toMatchObject({
      ok: false,
      message: `${figures}: it does not fit the 97.0% that may be planned; use 4 nodes, or halve it`,
    });
    expect(memoryFits({ ...facts, fitsDevice: false }, on, []).message).toMatch(
      /; no single change of nodes, device, length or batch is enough$/,
    );
  });

  it('say what a node takes', () => {
    const on = { ...h100, node: { ...h100.node, memory: 1e12 } };
    const facts = { ...sizing, hostBytes: 50e9 };
    expect(hostMemoryFits({ ...facts, fitsHost: true }, on, [])).toEqual({
      name: 'host-memory-fits',
      ok: true,
      refuses: true,
      message: 'a node’s processes take 50.0 GB of its 1.00 TB',
    });
    expect(hostMemoryFits({ ...facts, fitsHost: false }, on, ['use 4 nodes'])).toMatchObject({
      ok: false,
      message: 'a node’s processes take 50.0 GB of its 1.00 TB: it does not fit; use 4 nodes',
    });
  });
});

describe('the network', () => {
  const time = (network: number, compute: number): StepTime => ({ seconds: 9, compute, network, ring: 0 });
  const on = { ...h100, network: { ...h100.network, ringGBps: 350, nodeGBps: 400 } };
  const full = { ...sizing, layout: { ...sizing.layout, sharding: 'full' as const } };

  it('keeps up while it takes no longer than computing, and on processors whatever it takes', () => {
    expect(networkKeepsUp(time(2, 2), full, on)).toEqual({
      name: 'network-keeps-up',
      ok: true,
      refuses: false,
      message: 'parameters and gradients take 2.0 s a step on a ring of 350 GB/s, beside 2.0 s of computing',
    });
    expect(networkKeepsUp(time(2.1, 2), full, on)).toMatchObject({
      ok: false,
      message:
        'parameters and gradients take 2.1 s a step on a ring of 350 GB/s, beside 2.0 s of computing: devices wait for the network; use nodes with a faster fabric, or fewer of them with more memory',
    });
    expect(networkKeepsUp(time(3, 2), full, { ...on, device: laptop.device }).ok).toBe(true);
  });

  it('is told in milliseconds below a second, and with both of its links where each node has a replica', () => {
    const hybrid = { ...sizing, layout: { ...sizing.layout, sharding: 'hybrid' as const } };
    expect(networkKeepsUp(time(0.9, 0.0123), hybrid, on).message).toContain(
      'take 900 ms a step on 400 GB/s inside a node and 350 GB/s between nodes, beside 12.3 ms of computing',
    );
    expect(networkKeepsUp(time(1, 1), hybrid, on).message).toContain('take 1.0 s a step');
  });
});

describe('the budget of a recipe', () => {
  const told = (budget: FineTune['budget'], hours = 10, cost = 20) => {
    const { name, refuses, ok, message } = withinBudget({ ...s1, budget }, hours, cost, {
      ...h100,
      price: { currency: 'USD', perDeviceHour: 2, source: 'list' },
    });
    expect([name, refuses]).toEqual(['within-budget', true]);
    return { ok, message };
  };
  const expected = '10.0 device-hours (20.00 USD) are expected';

  it('holds what is expected up to it, in hours and in money, each for itself', () => {
    expect(told(undefined)).toEqual({ ok: true, message: 'the recipe sets no budget' });
    const both = { gpuHours: 10, cost: { amount: 20, currency: 'USD' } };
    expect(told(both)).toEqual({ ok: true, message: `${expected}, within the budget` });
    const todo = 'raise the budget, or train on fewer tokens';
    expect(told({ gpuHours: 9.99 })).toEqual({
      ok: false,
      message: `${expected}, beyond budget.gpuHours 9.99: ${todo}`,
    });
    expect(told({ cost: { amount: 19.5, currency: 'USD' } })).toEqual({
      ok: false,
      message: `${expected}, beyond budget.cost 19.50 USD: ${todo}`,
    });
    expect(told(both, 11, 21).message).toContain(
      'beyond budget.gpuHours 10.0 and budget.cost 20.00 USD: raise',
    );
  });

  it('in another currency than the prices is refused', () => {
    expect(told({ cost: { amount: 1_000, currency: 'EUR' } })).toEqual({
      ok: false,
      message: 'budget.cost is in EUR, but prices of this cluster are in USD: give the budget in USD',
    });
  });
});
