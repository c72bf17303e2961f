import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ProgressFigures,
  plainProgress,
  progressLine,
} from '../../../orchestrator/cli/render/progress-line.ts';
import { textWidth } from '../../../orchestrator/cli/render/text-width.ts';

const training: ProgressFigures = {
  name: 'long',
  stage: 'train',
  done: 420,
  total: 1200,
  loss: 0.2134,
  tokensPerSecond: 8412,
  elapsedSeconds: 92,
  stepSeconds: 0.22,
};
const preparing: ProgressFigures = {
  ...training,
  stage: 'prepare',
  done: null,
  total: null,
  loss: null,
  tokensPerSecond: null,
  stepSeconds: null,
  elapsedSeconds: 1.2,
};

test('shows all it knows where there is room, and the step to the last', () => {
  expect([120, 80, 60, 40, 24, 12, 6].map((width) => progressLine(training, width))).toMatchInlineSnapshot(`
    [
      "long  train  ██████░░░░░░░░░░  420/1,200  loss 0.213  8,412 tokens/s  1 min 32 s  ETA 2 min 52 s",
      "long  train  420/1,200  loss 0.213  8,412 tokens/s  1 min 32 s  ETA 2 min 52 s",
      "long  train  420/1,200  loss 0.213  ETA 2 min 52 s",
      "long  train  420/1,200  ETA 2 min 52 s",
      "long  train  420/1,200",
      "long  train",
      "long …",
    ]
  `);
});

test('leaves out what is not known', () => {
  expect(progressLine(preparing, 80)).toBe('long  prepare  1.2 s');
  expect(plainProgress(preparing)).toBe('long prepare: 1.2 s elapsed');
});

test('is a sentence where a line stays', () => {
  expect(plainProgress(training)).toBe(
    'long train: 420 of 1,200, loss 0.213, 8,412 tokens/s, 1 min 32 s elapsed, about 2 min 52 s left',
  );
});

const number = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: null });
const count = fc.option(fc.nat(), { nil: null });
const anyProgress = fc.record({
  name: fc.string(),
  stage: fc.constantFrom('prepare', 'train', 'export', 'evaluate'),
  done: count,
  total: count,
  loss: number,
  tokensPerSecond: number,
  elapsedSeconds: fc.double({ min: 0, max: 1e7, noNaN: true }),
  stepSeconds: number,
});

test('is one line and never wider than the terminal', () => {
  fc.assert(
    fc.property(anyProgress, fc.integer({ min: 1, max: 200 }), (progress, width) => {
      const line = progressLine(progress, width);
      expect(textWidth(line)).toBeLessThanOrEqual(width);
      expect(`${line}${plainProgress(progress)}`).not.toMatch(/\p{Cc}/u);
    }),
  );
});
