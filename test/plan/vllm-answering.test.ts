import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planAnswering } from '../../orchestrator/plan/answering.ts';
import type { AnsweringFacts } from '../../orchestrator/plan/answering-plan.ts';
import { whatIsAsked } from '../../orchestrator/plan/asked.ts';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import { PROCESSOR_BOUNDS } from '../../orchestrator/plan/processor-stage.ts';
import { servedMemory } from '../../orchestrator/plan/vllm-memory.ts';
import { answerSeconds, stepSeconds, together } from '../../orchestrator/plan/vllm-time.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { EvaluationSettings } from '../../orchestrator/recipe/evaluation.ts';
import { profile, recipe } from './fixtures.ts';

const s1 = recipe('s1-32b');
const { evaluation: settings } = s1;
if (settings === undefined) throw new Error('s1 is evaluated');
const H100 = profile('h100-16');
const size = modelSize(s1.model.architecture, 152_064);
const NOTHING_KNOWN = { basis: 'none', kept: [], longest: 0 } as const;

const facts = (changed: Partial<EvaluationSettings> = {}, on: ClusterProfile = H100): AnsweringFacts => ({
  recipe: { kind: 'FineTune', model: s1.model, evaluation: { ...settings, ...changed } },
  profile: on,
  size,
  lengths: NOTHING_KNOWN,
  known: [],
  storedBytes: 2,
});
const seconds = (changed?: Partial<EvaluationSettings>, on?: ClusterProfile) =>
  planAnswering(facts(changed, on)).stage.duration.expectedSeconds;
const judged = (changed?: Partial<EvaluationSettings>, on?: ClusterProfile) =>
  planAnswering(facts(changed, on)).verdicts;
const withMemory = (memory: number): ClusterProfile => ({ ...H100, device: { ...H100.device, memory } });

describe('a model of 32 billion, served by vLLM on one node of eight H100', () => {
  const memory = servedMemory(s1, size, H100);

  it('lies over all of them, in bf16, with room for 2 million tokens of keys and values', () => {
    expect(memory.spread).toEqual({ tensorParallel: 8, replicas: 1 });
    expect(memory.weights).toBe((2 * 32_763_876_352) / 8);
    // 64 blocks, keys and values of 8 heads of 128, in 2 B, over 8 devices.
    expect(memory.position).toBe((64 * 2 * 8 * 128 * 2) / 8);
    expect(memory.capacity).toBeCloseTo(0.9 * 81_559 * 2 ** 20, 0);
    expect(memory.positions).toBeGreaterThan(1.9e6);
    expect(memory.positions).toBeLessThan(2.1e6);
  });

  it('decodes alone at the rate of its memory, and many together at not much less', () => {
    const serving = { recipe: s1, size, profile: H100, memory };
    const alone = stepSeconds(serving, 1, 1_000);
    // 8.2 GB a device at 2.5 TB/s, 128 sums, 64 blocks' kernels, the scheduler.
    expect(alone).toBeGreaterThan(memory.weights / 3.35e12);
    expect(1 / alone).toBeGreaterThan(80);
    expect(1 / alone).toBeLessThan(170);
    const many = 128 / stepSeconds(serving, 128, 8_000);
    expect(many).toBeGreaterThan(4_000);
    expect(many).toBeLessThan(15_000);
  });

  it('has every device at work, fits, and is expected to take an hour', () => {
    const { stage, verdicts, parts } = planAnswering(facts());
    expect(verdicts.map(({ name, ok }) => [name, ok])).toEqual([
      ['can-be-evaluated', true],
      ['no-device-idles', true],
      ['evaluation-in-a-day', true],
    ]);
    expect(stage.decoding).toMatchObject({ engine: 'vllm', working: 8, tensorParallel: 8, replicas: 1 });
    expect(stage.devices).toBe(8);
    expect(stage.memory.bytes).toBeLessThanOrEqual(stage.memory.capacityBytes);
    expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBeCloseTo(stage.memory.bytes, 0);
    expect(stage.duration.expectedSeconds).toBeGreaterThan(1_200);
    expect(stage.duration.expectedSeconds).toBeLessThan(7_200);
    expect(stage.duration.lowSeconds).toBeLessThan(stage.duration.expectedSeconds);
    expect(stage.duration.highSeconds).toBeGreaterThan(stage.duration.expectedSeconds);
  });

  it('is refused where one question’s tokens find no room beside the weights, with what there is', () => {
    const [refused, ...others] = judged({}, withMemory(14e9));
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ name: 'can-be-evaluated', ok: false, refuses: true });
    expect(refused?.message).toMatch(
      /vLLM may take 12\.6 GB of each device.*8\.19 GB.*keep [\d,]+ tokens, and one question may have 32,068/,
    );
    const { stage } = planAnswering(facts({}, withMemory(14e9)));
    expect(stage.duration.expectedSeconds).toBe(0);
    expect(stage.memory.bytes).toBeGreaterThan(stage.memory.capacityBytes);
  });

  it('is refused beyond the positions that the model has', () => {
    const [refused] = judged({ controls: [{ kind: 'budget', maxThinkingTokens: 40_000 }] });
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('lower maxThinkingTokens') });
  });

  it('is warned of where it takes longer than a day, and then still launched', () => {
    const long = judged({ samples: 64, temperature: 1 }).find(({ name }) => name === 'evaluation-in-a-day');
    expect(long).toMatchObject({ ok: false, refuses: false });
    expect(long?.message).toMatch(/it takes \d+ d .*answered questions are kept/);
  });

  it('goes on as far as there is room, where more is asked for than fits', () => {
    expect(together(4_000, 8_000, memory)).toBe(Math.floor(memory.positions / 8_000));
    expect(together(100, 8_000, memory)).toBe(100);
    const two = { ...memory, spread: { tensorParallel: 4, replicas: 2 } };
    expect(together(101, 8_000, two)).toBe(51);
    expect(together(100, 1e9, memory)).toBe(1);
  });

  it('takes longer for more of anything, and never less than its longest thought takes alone', () => {
    const serving = { recipe: s1, size, profile: H100, memory };
    const count = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(
        count,
        fc.integer({ min: 1, max: 30_000 }),
        fc.integer({ min: 0, max: 30_000 }),
        (units, tokens, tailTokens) => {
          const of = (more: Partial<{ units: number; tailTokens: number }>, at = tokens) =>
            answerSeconds(serving, { units, tailTokens, ...more }, at, 200, 32_068, 128);
          const all = of({});
          expect(of({ units: 2 * units })).toBeGreaterThan(all);
          expect(of({}, tokens + 100)).toBeGreaterThan(all);
          expect(all).toBeGreaterThanOrEqual((tokens + tailTokens) * stepSeconds(serving, 1, 0));
        },
      ),
    );
    expect(seconds({ untouched: true })).toBeGreaterThan(1.9 * (seconds() - H100.startup));
    expect(seconds({ batch: 16 })).toBeGreaterThan(2 * seconds({ batch: 128 }));
  });
});

describe('a model whose copies are several', () => {
  // Six devices do not divide its eight key/value heads: vLLM runs three copies over two devices each.
  const six = { ...H100, devicesPerNode: 6 };

  it('says over how many devices each lies, and asks all of them together', () => {
    const { stage, verdicts, parts } = planAnswering(facts({ batch: 12 }, six));
    const { tensorParallel = 0, replicas = 0, together: asked, working } = stage.decoding ?? {};
    expect(replicas).toBeGreaterThan(1);
    expect([working, asked]).toEqual([tensorParallel * replicas, Math.ceil(12 / replicas) * replicas]);
    expect(verdicts.map(({ message }) => message).join()).toContain(
      `all devices of the node decode: ${replicas} copies of the model over ${tensorParallel} devices`,
    );
    expect(parts[0]?.formula).toContain(`/ ${tensorParallel} `);
  });

  it('answers in as many times fewer steps as there are copies', () => {
    const memory = servedMemory(s1, size, six);
    const { replicas, tensorParallel } = memory.spread;
    const of = (copies: number) => {
      const spread = { tensorParallel, replicas: copies };
      const serving = { recipe: s1, size, profile: six, memory: { ...memory, spread } };
      // As many for each copy.
      return answerSeconds(serving, { units: 600, tailTokens: 0 }, 5_000, 200, 32_068, 30 * copies);
    };
    expect(of(1) / of(replicas)).toBeCloseTo(replicas, 9);
  });

  it('sums over those of a copy in each step, the longer the slower their network is', () => {
    const memory = servedMemory(s1, size, H100);
    const of = (nodeGBps: number) =>
      stepSeconds(
        { recipe: s1, size, profile: { ...H100, network: { ...H100.network, nodeGBps } }, memory },
        8,
        100,
      );
    // Two sums a block of 8 hidden states in bf16.
    const bytes = 2 * 64 * 8 * 5_120 * 2;
    expect(of(1) - of(2)).toBeCloseTo(bytes / 1e9 - bytes / 2e9, 9);
  });

  it('sums over no devices where each holds a copy', () => {
    const alone = { ...servedMemory(s1, size, H100), spread: { tensorParallel: 1, replicas: 8 } };
    const slow = { ...H100, network: { ...H100.network, nodeGBps: 1e-3 } };
    const of = (on: ClusterProfile) => stepSeconds({ recipe: s1, size, profile: on, memory: alone }, 8, 100);
    expect(of(slow)).toBe(of(H100));
  });
});

describe('a model on the processors of a machine', () => {
  const laptop = profile('laptop');

  it('is computed in fp32, over one process that has the memory of all', () => {
    const memory = servedMemory(s1, size, laptop);
    expect(memory).toMatchObject({ elementBytes: 4, spread: { tensorParallel: 1, replicas: 1 } });
    expect(memory.capacity).toBe(laptop.device.memory * laptop.devicesPerNode);
    const short = { controls: [{ kind: 'budget', maxThinkingTokens: 200 } as const], maxAnswerTokens: 50 };
    const large = { ...laptop, device: { ...laptop.device, memory: 1e12 } };
    const [verdict] = judged(short, large);
    expect(verdict?.message).toContain('in fp32');
    expect(verdict?.message).toMatch(/; it is started by the Python that STINT_VLLM_PYTHON names$/);
    // An image has its own.
    expect(judged()[0]?.message).toMatch(/in bf16, take .* on each device that vLLM holds$/);
  });
});

describe('the time of loading', () => {
  it.each([{ kind: 'vllm' }, { kind: 'trainer' }] as const)(
    'is surer than what is answered: twice as long moves the bounds by its own ones: %o',
    (engine) => {
      const small = { controls: [{ kind: 'budget', maxThinkingTokens: 200 } as const], maxAnswerTokens: 50 };
      const of = (storedBytes: number) =>
        planAnswering({ ...facts({ ...small, engine }), storedBytes }).stage.duration;
      const [once, twice] = [of(2), of(4)];
      const more = twice.expectedSeconds - once.expectedSeconds;
      expect(more).toBeGreaterThan(100);
      expect((twice.lowSeconds - once.lowSeconds) / more).toBeCloseTo(PROCESSOR_BOUNDS.low, 6);
      expect((twice.highSeconds - once.highSeconds) / more).toBeCloseTo(PROCESSOR_BOUNDS.high, 6);
    },
  );
});

describe('who judges', () => {
  const judge = { url: 'http://judge.example/v1', answers: 'all' } as const;

  it('is named by its model, or as the only one', () => {
    const said = (model?: string) =>
      judged({ judge: { ...judge, ...(model !== undefined && { model }) } }).find(
        ({ name }) => name === 'judged-by',
      )?.message;
    expect(said('big')).toContain('sent to big at http://judge.example/v1');
    expect(said()).toContain('sent to the only model that is served at http://judge.example/v1');
  });
});

describe('what is asked', () => {
  const asked = (
    changed: Partial<EvaluationSettings>,
    lengths: Parameters<typeof whatIsAsked>[1] = NOTHING_KNOWN,
  ) => whatIsAsked({ ...settings, benchmarks: settings.benchmarks.slice(0, 1), ...changed }, lengths, [])[0];
  const controls = [
    { kind: 'budget', maxThinkingTokens: 1_000 },
    { kind: 'wait', times: 2, text: 'Wait', maxThinkingTokens: 8_000 },
  ] as const;

  it('is a thought of the length that the recipe says, half of it again for a Wait, and half of the answers', () => {
    expect(asked({ controls: [...controls], maxAnswerTokens: 100 })).toMatchObject({
      units: 30,
      tokens: 6_100 + 6_100 / 2 + 100,
      mostTokens: 8_000 + 8_000 + 200,
      tailTokens: 8_000 - 6_100,
      lengthKnown: true,
    });
  });

  it('is as long as the model was shown to think, or as its budget, where the recipe says nothing', () => {
    const [first] = settings.benchmarks;
    if (first === undefined) throw new Error('s1 has benchmarks');
    const benchmarks = [{ ...first, thinkingTokens: undefined }];
    const shown = asked(
      { benchmarks, controls: [...controls] },
      { basis: 'histogram', kept: [3_000, 1_000] },
    );
    expect(shown).toMatchObject({ tailTokens: 6_000, lengthKnown: true });
    expect(asked({ benchmarks, controls: [...controls] })).toMatchObject({
      tailTokens: 0,
      lengthKnown: false,
    });
  });

  it('is each question as often as it is answered, by each model', () => {
    expect(asked({ samples: 16, untouched: true })?.units).toBe(30 * 16 * 2);
  });
});

describe('an endpoint', () => {
  const endpoint = { kind: 'endpoint', url: 'http://inference.example/v1', model: 'm' } as const;

  it('holds no device and costs no device time, and the plan says what its time rests on', () => {
    const { stage, verdicts } = planAnswering(facts({ engine: endpoint }));
    expect(stage).toMatchObject({ devices: 0, gpuHours: { expected: 0, low: 0, high: 0 } });
    expect(stage.duration.expectedSeconds).toBeGreaterThan(60);
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]).toMatchObject({ ok: true });
    expect(verdicts[0]?.message).toMatch(
      /its model m at http:\/\/inference\.example\/v1; no device is held.*is assumed/,
    );
  });
});

it('the trainer’s own decoder leaves seven of eight devices idle, which is said', () => {
  const small = { controls: [{ kind: 'budget', maxThinkingTokens: 200 } as const], maxAnswerTokens: 50 };
  const idle = judged({ ...small, engine: { kind: 'trainer' } }).find(
    ({ name }) => name === 'no-device-idles',
  );
  expect(idle).toMatchObject({ ok: false, refuses: false });
  expect(idle?.message).toContain('1 of the node’s 8 devices decodes');
});
