import type { ArmInput } from '../../orchestrator/comparison/arm-input.ts';
import { UNCALIBRATED } from '../../orchestrator/plan/calibration.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { FineTuneSchema } from '../../orchestrator/recipe/fine-tune.ts';
import type { ControlResult } from '../../orchestrator/wire/evaluation-result.ts';

/** Accuracy and mean thinking of an arm at each budget, as two real arms of the quickstart's shape behave. */
const BEHAVIOUR = {
  short: {
    value: 24,
    accuracy: [0.15, 0.26, 0.42, 0.57, 0.66, 0.7],
    natural: 38,
    loss: 0.31,
    truncated: 0.74,
  },
  long: { value: 96, accuracy: [0.15, 0.27, 0.48, 0.8, 0.97, 1], natural: 23, loss: 0.06, truncated: 0.01 },
} as const;
const BUDGETS = [4, 8, 16, 32, 64, 96];
const QUESTIONS = 240;

/** A whole number below 1,000 that depends on the question alone, so that both arms find the same ones hard. */
function difficulty(question: number): number {
  return (question * 617) % 1000;
}

function result(budget: number, accuracy: number, natural: number, times = 0): ControlResult {
  const questions = Array.from({ length: QUESTIONS }, (_, question) => question);
  const wanted = questions.map((question) =>
    Math.round(natural * (0.25 + 2.9 * (difficulty(question) / 1000) ** 3)),
  );
  // What a question's difficulty does not decide differs from arm to arm and from budget to budget.
  const luck = (question: number): number =>
    ((question * 389 + budget * 71 + natural * 53 + times * 7) % 160) - 80;
  return {
    control: times === 0 ? 'budget' : 'wait',
    budget,
    times,
    correct: questions.map((question) => (difficulty(question) + luck(question) < 1000 * accuracy ? 1 : 0)),
    thinkingTokens: wanted.map((tokens) => Math.min(budget, tokens + 9 * times)),
    forced: wanted.filter((tokens) => tokens > budget).length,
  };
}

export function recipe(name: string, sequenceLength: number) {
  return FineTuneSchema.parse({
    kind: 'FineTune',
    name,
    model: {
      kind: 'scratch',
      initializerRange: 0.05,
      architecture: {
        layers: 1,
        hiddenSize: 96,
        queryHeads: 4,
        keyValueHeads: 2,
        headSize: 24,
        feedForwardSize: 384,
        tiedEmbeddings: true,
      },
    },
    dataset: {
      source: { kind: 'generated', generator: 'running-digit', samples: 4000, seed: 7 },
      overLength: 'truncate',
    },
    training: { sequenceLength, epochs: 4, globalBatch: 16, optimizer: { learningRate: 3e-3 } },
  });
}

function plan(name: string, truncatedShare: number): Plan {
  const interval = { expected: 0.03, low: 0.02, high: 0.05 };
  return {
    recipe: name,
    recipeDigest: `sha256:${(name === 'quickstart-short' ? 'a' : 'b').repeat(64)}`,
    cluster: 'laptop',
    basis: 'distribution',
    calibration: UNCALIBRATED,
    samples: 4000,
    steps: 1000,
    warmupSteps: 50,
    tokensPerEpoch: 120_000,
    truncatedShare,
    truncatedTraceShare: truncatedShare,
    idleShare: 0.08,
    sequenceParallel: 1,
    sharding: 'full',
    recompute: 'none',
    recomputeLimits: [{ mode: 'none', upToTokens: null }],
    flops: { perTokenLinear: 9e5, perEpoch: 1e11, mfu: 0.02 },
    memory: {
      perGpuBytes: 3e7,
      capacityBytes: 2e9,
      hostBytesPerNode: 6e7,
      hostCapacityBytes: 4e9,
      fits: true,
      parts: [],
      remedies: [],
    },
    duration: {
      expectedSeconds: 40,
      lowSeconds: 30,
      highSeconds: 70,
      stepSeconds: 0.03,
      computeSeconds: 0.02,
      networkSeconds: 0.001,
      ringSeconds: 0.001,
      startupSeconds: 6,
    },
    gpuHours: interval,
    cost: { currency: 'USD', ...interval },
    verdicts: [],
    sources: {},
  };
}

export function armInput(arm: 'short' | 'long', change: Partial<ArmInput> = {}): ArmInput {
  const { value, accuracy, natural, loss, truncated } = BEHAVIOUR[arm];
  const results = BUDGETS.map((budget, index) => result(budget, accuracy[index] ?? 0, natural));
  return {
    run: `r-01k9${arm}`,
    arm,
    factor: { path: 'training.sequenceLength', value },
    state: { kind: 'succeeded', checkpoint: `c-${arm}` },
    recipe: recipe(`quickstart-${arm}`, value),
    plan: plan(`quickstart-${arm}`, truncated),
    prepared: { samples: 4000, truncated: Math.round(4000 * truncated) },
    steps: Array.from({ length: 1000 }, (_, index) => ({
      step: index + 1,
      loss: loss + 2.3 * Math.exp(-index / 140) + 0.05 * Math.sin(index * 1.7),
      tokens: 16 * (arm === 'short' ? 27 : 44),
      seconds: arm === 'short' ? 0.024 : 0.031,
    })),
    gpuMilliseconds: {
      starting: 11_204,
      loading: 1_320,
      training: arm === 'short' ? 48_310 : 62_044,
      checkpointing: 1_840,
      evaluating: arm === 'short' ? 21_760 : 15_412,
      recomputing: arm === 'short' ? 0 : 4_020,
      terminating: 212,
    },
    uses: {
      'start-up': 12_524,
      productive: arm === 'short' ? 70_070 : 77_456,
      checkpointing: 1_840,
      recomputation: arm === 'short' ? 0 : 4_020,
      terminating: 212,
    },
    cost: arm === 'short' ? { amount: 0.0047, currency: 'USD' } : { amount: 0.00534, currency: 'USD' },
    evaluation: {
      checkpoint: `sha256:${'c'.repeat(64)}`,
      benchmarks: [
        {
          name: 'running-digit',
          n: QUESTIONS,
          questions: `sha256:${'d'.repeat(64)}`,
          results: [...results, result(96, accuracy[5] - 0.03, natural, 1)],
        },
      ],
    },
    checkpoint: `c-${arm}`,
    ...change,
  };
}
