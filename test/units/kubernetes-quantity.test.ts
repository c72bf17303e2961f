import fc from 'fast-check';
import { expect, it } from 'vitest';
import { byteQuantity } from '../../orchestrator/render/resources.ts';
import { kubernetesQuantity } from '../../orchestrator/units/kubernetes-quantity.ts';

it.each([
  ['110', 110],
  ['1929m', 1.929],
  ['2Ti', 2 ** 41],
  ['16Gi', 2 ** 34],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['100k', 100_000],
  ['1e3', 1_000],
  ['2E3', 2_000],
  ['1E', 1e18],
  ['.5', 0.5],
  ['0', 0],
])('reads %s', (text, value) => {
  expect(kubernetesQuantity(text)).toBeCloseTo(value, 9);
});

it.each(['', 'Gi', '1GiB', 'ten', '1 Gi', '1ki'])('reads no number in "%s"', (text) => {
  expect(kubernetesQuantity(text)).toBeNaN();
});

it('renders nothing as Kubernetes writes it', () => {
  expect([0, 0.5].map(byteQuantity)).toEqual(['0', '0']);
});

it('reads every size that is rendered', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      expect(kubernetesQuantity(byteQuantity(bytes))).toBe(bytes);
    }),
  );
});
