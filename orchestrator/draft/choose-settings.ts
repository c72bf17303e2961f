import type { LengthSummary } from '../plan/length-summary.ts';
import type { Architecture } from '../recipe/model.ts';

/** What a first recipe for a model and data says, each with the reason for it. */
export interface DraftSettings {
  readonly sequenceLength: number;
  readonly overLength: 'refuse' | 'drop';
  /** Samples that `drop` leaves out. */
  readonly leftOut: number;
  readonly epochs: number;
  readonly globalBatch: number;
  readonly learningRate: number;
}

export interface DraftFacts {
  readonly lengths: readonly number[];
  readonly summary: LengthSummary;
  readonly architecture: Architecture;
  /** Groups of ranks that share a batch; it is a multiple of them. */
  readonly groups: number;
}

/** s1 (Muennighoff et al. 2025, appendix D): 1,000 samples, 5 epochs, 16 a step, 1e-5 for a hidden size of 5,120. */
const S1 = { passes: 5_000, epochs: 5, batch: 16, learningRate: 1e-5, hiddenSize: 5120 } as const;
/** Fewer steps an epoch than this average the gradient over so much data that little is learnt from it. */
const STEPS_AN_EPOCH = 8;
const SHORTEST_SEQUENCE = 64;
/** Narrow models train with it; more is not stable without a longer warm-up. */
const LARGEST_RATE = 1e-3;

/**
 * s1's settings, scaled: as many passes over samples as s1 took, but no more epochs than it; its batch, or less where the
 * data would fill only a few; its learning rate by the model's width, because the best rate of Adam falls as a network
 * grows wider (Yang et al. 2022, table 3).
 */
export function chooseSettings({ lengths, summary, architecture, groups }: DraftFacts): DraftSettings {
  const samples = lengths.length;
  const whole = Math.max(SHORTEST_SEQUENCE, 2 ** Math.ceil(Math.log2(summary.max)));
  const sequenceLength = Math.min(whole, architecture.maxPositions);
  const leftOut = lengths.filter((length) => length > sequenceLength).length;
  const batch = Math.min(S1.batch, Math.floor((samples - leftOut) / STEPS_AN_EPOCH));
  const rate = (S1.learningRate * S1.hiddenSize) / architecture.hiddenSize;
  return {
    sequenceLength,
    overLength: leftOut > 0 ? 'drop' : 'refuse',
    leftOut,
    epochs: Math.min(S1.epochs, Math.max(1, Math.round(S1.passes / Math.max(1, samples)))),
    globalBatch: groups * 2 ** Math.max(0, Math.floor(Math.log2(batch / groups))),
    learningRate: Number(Math.min(LARGEST_RATE, rate).toPrecision(1)),
  };
}
