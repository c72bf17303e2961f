import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { toldTokens } from '../../orchestrator/plan/thought-again.ts';

/** Bytes of what the trainer tells a model under each control. */
const MEASURE_TOLD = `
import json, sys
from trainer.evaluate.settings import Control
from trainer.evaluate.told import instruction
from trainer.parse import parse
controls = parse(list[Control], json.loads(sys.argv[1]), "controls")
print([len(instruction(control).encode()) for control in controls])
`;

test('what a model is told is counted at a token a byte, of which no tokenizer makes more', () => {
  const told = [
    { kind: 'class', length: 'long', maxThinkingTokens: 1 },
    { kind: 'class', length: 'short', maxThinkingTokens: 1 },
    { kind: 'token', tokens: 16_384, maxThinkingTokens: 8 },
    { kind: 'step', steps: 8, maxThinkingTokens: 8 },
  ] as const;
  const sizes = execFileSync('.venv/bin/python', ['-c', MEASURE_TOLD, JSON.stringify(told)], {
    encoding: 'utf8',
  });
  expect(told.map((each) => toldTokens([each]))).toEqual(JSON.parse(sizes));
});
