import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusalOf } from '../../ops/test-cluster/refused.ts';

test('one sentence says which object was refused and why', () => {
  expect(
    refusalOf(
      'The CustomResourceDefinition "jobsets.jobset.x-k8s.io" is invalid: spec: Invalid value: "x"\n',
    ),
  ).toBe('The CustomResourceDefinition "jobsets.jobset.x-k8s.io" is invalid: spec: Invalid value: "x"');
  expect(refusalOf('error: no objects passed to apply\n')).toBe('no objects passed to apply');
  expect(refusalOf('')).toBe('kubectl has failed without a word');
});

test('what is wrong may stand on lines of its own, and further refusals are counted', () => {
  const said = [
    'Warning: spec.x is deprecated',
    'The ClusterQueue "a" is invalid: ',
    '* spec.b: Required value',
    '* spec.c: Invalid value: 3',
    'Error from server (Forbidden): error when creating "STDIN": no',
    'The ClusterQueue "d" is invalid: spec.b: Required value',
  ];
  expect(refusalOf(said.join('\n'))).toBe(
    'The ClusterQueue "a" is invalid: * spec.b: Required value * spec.c: Invalid value: 3 (and 2 more)',
  );
});

test('it is one short line whatever kubectl says', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 400, unit: 'binary' })), (lines) => {
      const said = refusalOf(lines.join('\n'));
      expect(said).not.toContain('\n');
      expect(said.length).toBeGreaterThan(0);
      expect(said.length).toBeLessThan(350);
    }),
  );
});
