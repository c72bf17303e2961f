import type { Phase } from '../../orchestrator/wire/phase.ts';
import type { TrainerEvent } from '../../orchestrator/wire/trainer-event.ts';

const text = (event: TrainerEvent): string => JSON.stringify(event);

export const phaseLine = (at: number, phase: Phase): string => text({ event: 'phase', at, phase });

export const checkpointLine = (at: number, step: number, seconds: number): string =>
  text({
    event: 'checkpoint',
    at,
    step,
    path: `checkpoints/step-${step}`,
    seconds,
    blockedSeconds: seconds,
    bytes: 10,
  });

/** Only its number and its time matter here; the rest is what a trainer tells with it. */
export const stepLine = (at: number, step: number, steps: number, seconds: number): string =>
  text({
    event: 'step',
    at,
    step,
    steps,
    seconds,
    loss: 1 / step,
    tokenLoss: 1 / step,
    learningRate: 1e-5,
    gradientNorm: 1,
    tokens: 1_000,
    tokensPerSecond: 1_000 / seconds,
    mfu: 0.4,
    hfu: 0.4,
    plannedMfu: 0.4,
    recompute: 'none',
    memoryBytes: 1,
    paddedTokens: 0,
    phaseSeconds: { pack: 0, forward: 0, backward: 0, exchange: 0, update: 0 },
  });
