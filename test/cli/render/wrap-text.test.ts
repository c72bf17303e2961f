import { expect, it } from 'vitest';
import { wrapText } from '../../../orchestrator/cli/render/wrap-text.ts';

it('breaks between words, and leaves a long one whole', () => {
  expect(wrapText('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapText('a https://example.com/long b', 5)).toEqual(['a', 'https://example.com/long', 'b']);
  expect(wrapText('', 5)).toEqual([]);
});

it('keeps a command together with what stands at it', () => {
  expect(wrapText('see (`kubectl get nodes`), then go', 10)).toEqual([
    'see',
    '(`kubectl get nodes`),',
    'then go',
  ]);
});
