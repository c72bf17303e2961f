import { describe, expect, it } from 'vitest';
import { modelSize } from '../../orchestrator/plan/model-size.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { deviceHoursOfSteps, plan, profile, recipe, withOtherTokens, withTraining } from './fixtures.ts';

const s1 = () => recipe('s1-32b');
/** The imbalance figures were computed with 350 to 850 tokens of question and answer. */
const s1Mid = () => withOtherTokens(s1(), 600);
const r1 = () => recipe('s1.1-32b');
const wholeR1 = () => withTraining(r1(), { sequenceLength: 32_768 });
const published = (base = s1()) => withTraining(base, { sequenceParallel: 1 });
const hours = (of: ReturnType<typeof recipe>, on: string) => deviceHoursOfSteps(plan(of, on), profile(on));
/** Gradients, of which not all are there when a step holds the most, are as large as the weights. */
const states = ({ memory }: Plan) =>
  memory.parts
    .filter(({ name }) => ['master weights', 'optimizer moments'].includes(name))
    .reduce((sum, { name, bytes }) => sum + (name === 'master weights' ? 2 * bytes : bytes), 0);

/** As the derived figures are: without the mode that keeps gates. */
const withoutGates = (of: ReturnType<typeof recipe>) => withTraining(of, { recompute: 'selective' });

/** A host that has no room for a node's whole states. */
function withoutReplicas(name: string) {
  const on = profile(name);
  return { ...on, node: { ...on.node, memory: 500e9 } };
}

/** What, ours, published or derived, tolerance, and where the figure comes from. */
const ANCHORS: readonly [string, () => number, number, number, string][] = [
  [
    'parameters of Qwen2.5-32B, G',
    () => modelSize(s1().model.architecture, 152_064).parameters / 1e9,
    32.764,
    0.001,
    'its safetensors index',
  ],
  ['linear GFLOP a token', () => plan(s1(), 'h100-16').flops.perTokenLinear / 1e9, 192, 0.2, '6 x 31.98 G'],
  ['steps of s1K', () => plan(s1(), 'h100-16').steps, 315, 0, 's1, appendix D'],
  ['warm-up steps of s1K', () => plan(s1(), 'h100-16').warmupSteps, 16, 0, 's1, appendix D'],
  [
    'mean sample of s1K, tokens',
    () => plan(s1(), 'h100-16').tokensPerEpoch / 1008,
    5658.5,
    2,
    'a reproduction with all rows equal to s1K_tokenized',
  ],
  ['states a GPU on 16, GB', () => states(plan(s1(), 'h100-16')) / 1e9, 32.8, 0.05, '16 B x 32.76 G / 16'],
  ['states a GPU on 8, GB', () => states(plan(s1(), 'h100-8')) / 1e9, 65.6, 0.1, '16 B x 32.76 G / 8'],
  [
    'idle %, a sample a rank, s1K',
    () => 100 * plan(published(s1Mid()), 'h100-16').idleShare,
    30.2,
    1,
    'simulation over the real histogram',
  ],
  [
    'idle %, groups of 8, s1K',
    () => 100 * plan(s1Mid(), 'h100-16').idleShare,
    0,
    0.1,
    'the same gives 1.0 for longest first alone, which exchanges take away',
  ],
  [
    'idle %, a sample a rank, s1K-1.1 at 20,000',
    () => 100 * plan(published(r1()), 'h100-16').idleShare,
    45.6,
    1,
    'the same',
  ],
  [
    'idle %, groups of 8, s1K-1.1 at 20,000',
    () => 100 * plan(r1(), 'h100-16').idleShare,
    0,
    0.1,
    'the same gives 0.6 for longest first alone',
  ],
  [
    'idle %, a sample a rank, s1K-1.1 at 32,768',
    () => 100 * plan(published(wholeR1()), 'h100-16').idleShare,
    47.1,
    1,
    'the same',
  ],
  [
    'traces cut at 4,096, %',
    () => 100 * (plan(withTraining(s1(), { sequenceLength: 4096 }), 'h100-16').truncatedTraceShare ?? 0),
    74,
    1.5,
    's1, Table 8',
  ],
  [
    'minutes of the published configuration',
    () => plan('s1-32b-as-published', 'h100-16').duration.expectedSeconds / 60,
    26,
    26 * 0.15,
    's1, section 4.1',
  ],
  [
    'its minutes of steps alone',
    () => (plan('s1-32b-as-published', 'h100-16').duration.stepSeconds * 315) / 60,
    26,
    26 * 0.15,
    's1, section 4.1',
  ],
  [
    'its minutes of steps over 100 Gb/s',
    () => (plan('s1-32b-as-published', withoutReplicas('ethernet-16')).duration.stepSeconds * 315) / 60,
    79.6,
    1,
    '181 GB a step at 12 GB/s, where all devices share the weights',
  ],
  [
    'device-hours of steps, ours, short answers',
    () => hours(withoutGates(withOtherTokens(s1(), 350)), 'h100-16'),
    3.29,
    0.1,
    'model with 350 other tokens',
  ],
  [
    'device-hours of steps, ours, long answers',
    () => hours(withoutGates(withOtherTokens(s1(), 850)), 'h100-16'),
    3.62,
    0.1,
    'model with 850 other tokens',
  ],
  [
    'MFU of ours without gates, %',
    () => 100 * plan(withoutGates(s1()), 'h100-16').flops.mfu,
    44,
    1,
    'the same',
  ],
  [
    'seconds that gates kept save of a step',
    () => {
      const seconds = (of: ReturnType<typeof recipe>) => plan(of, 'h100-16').duration.stepSeconds;
      return seconds(withoutGates(s1())) - seconds(s1());
    },
    0.15,
    0.02,
    'half of the 0.31 s of products that are done again, with what goes beside them (a rehearsal of the step), in the steps that fit 92% of a device',
  ],
  [
    'device-hours of steps, s1K-1.1',
    () => hours(r1(), 'h100-16'),
    7.31,
    0.1,
    'the same gives 7.16 where selective fits 11,400 tokens a rank; within 92% of a device it fits 11,465',
  ],
];

describe('figures published or derived elsewhere', () => {
  it.each(ANCHORS)('%s', (_what, ours, figure, tolerance) => {
    expect(Math.abs(ours() - figure)).toBeLessThanOrEqual(tolerance);
  });
});
