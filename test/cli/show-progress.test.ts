import { expect, it } from 'vitest';
import type { Output } from '../../orchestrator/cli/output.ts';
import { showProgress } from '../../orchestrator/cli/show-progress.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';

function setUp(isTerminal: boolean) {
  const told: string[] = [];
  const drawn: string[] = [];
  const output: Output = {
    print: () => undefined,
    tell: (text) => told.push(text),
    isTerminal,
    width: 100,
    redraw: (line) => drawn.push(line),
  };
  let now = 1_000_000;
  const record = { id: 'r1', arm: 'short' } as RunRecord;
  const show = showProgress(output, [record], () => now);
  const step = (number: number, seconds: number) => {
    now += seconds * 1000;
    const event = {
      event: 'step',
      at: now,
      step: number,
      steps: 100,
      loss: 0.5,
      tokenLoss: 0.5,
      learningRate: 0,
      gradientNorm: 1,
      tokens: 100,
      seconds,
      tokensPerSecond: 100 / seconds,
      mfu: 0.02,
      hfu: 0.02,
      plannedMfu: 0.02,
      recompute: 'none',
      memoryBytes: 4e8,
      paddedTokens: 0,
      phaseSeconds: {
        pack: 0.01 * seconds,
        forward: 0.33 * seconds,
        backward: 0.6 * seconds,
        exchange: 0.01 * seconds,
        update: 0.05 * seconds,
      },
    } as const;
    show({ kind: 'event', run: 'r1', stage: 'train', attempt: 1, event });
  };
  show({
    kind: 'state',
    run: 'r1',
    state: { kind: 'running', stage: 'train', launch: 1, attempt: 1, over: null },
  });
  return { told, drawn, step, show };
}

it('off a terminal writes plain lines, no more than one in five seconds', () => {
  const { told, drawn, step } = setUp(false);
  for (let number = 1; number <= 20; number++) step(number, 1);
  expect(drawn).toEqual([]);
  expect(told[0]).toBe('short (r1): running: train');
  expect(told.slice(1)).toHaveLength(4);
  expect(told.at(-1)).toMatch(/^short train: 16 of 100, loss 0.500, .* left$/);
});

it('on a terminal draws one line over and over, and tells only changes of state', () => {
  const { told, drawn, step, show } = setUp(true);
  for (let number = 1; number <= 20; number++) step(number, 1);
  show({ kind: 'state', run: 'r1', state: { kind: 'succeeded', checkpoint: 'c1' } });
  expect(told).toEqual(['short (r1): running: train', 'short (r1): succeeded']);
  expect(drawn).toHaveLength(20);
  expect(drawn.at(-1)).toContain('20/100');
});

it('counts the first step out of the time that is left, because it pays for what later ones find ready', () => {
  const { drawn, step } = setUp(true);
  step(1, 50);
  step(2, 1);
  expect(drawn[0]).not.toContain('ETA');
  expect(drawn[1]).toContain('ETA 1 min 38 s');
});

it('shows each of two runs that go on side by side under its own name', () => {
  const { told, step, show } = setUp(false);
  const running = { kind: 'running', stage: 'train', launch: 1, attempt: 1, over: null } as const;
  show({ kind: 'state', run: 'r2', state: running });
  for (let number = 1; number <= 12; number++) step(number, 1);
  show({ kind: 'state', run: 'r2', state: { kind: 'succeeded', checkpoint: 'c1' } });
  for (let number = 13; number <= 20; number++) step(number, 1);
  // Half as often while both go on, and none is lost where the other ends.
  expect(told.filter((line) => line.startsWith('short train'))).toHaveLength(3);
  expect(told).toContain('r2 (r2): succeeded');
});
