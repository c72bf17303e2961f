import { expect, test } from 'vitest';
import { tellInterrupt } from '../../orchestrator/cli/tell-interrupt.ts';
import { profile } from '../render/requests.ts';

function interrupted(name: 'local' | 'h100'): readonly string[] {
  const [interrupt, force] = [new AbortController(), new AbortController()];
  const told: string[] = [];
  const output = {
    print: () => undefined,
    tell: (text: string) => void told.push(text),
    isTerminal: false,
    width: 80,
    redraw: () => undefined,
  };
  const records = ['r-1', 'r-2'].map((id) => ({ id, profile: profile(name) }));
  tellInterrupt({ output, interrupt: interrupt.signal, force: force.signal }, records);
  interrupt.abort();
  force.abort();
  return told;
}

test('on this machine Ctrl-C ends the pods, and says how to end them sooner', () => {
  expect(interrupted('local')).toEqual([
    'Asking the pods to save and end; once more ends them at once.',
    'Ending at once.',
  ]);
});

test('on Kubernetes Ctrl-C ends nothing, and says how to follow, go on and end', () => {
  const [told, ...more] = interrupted('h100');
  expect(more).toEqual([]);
  expect(told).toContain('goes on there');
  expect(told).toContain('stint runs logs -f r-1');
  expect(told).toContain('stint runs resume r-1 r-2 --wait');
  expect(told).toContain('stint runs cancel r-1 r-2');
});
