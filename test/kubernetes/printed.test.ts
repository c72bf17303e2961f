import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printManifests } from '../../orchestrator/documents/print-manifests.ts';
import { ODD_TEXTS } from '../profile/every-field.ts';
import { kubectl } from './kubectl.ts';

/** What YAML 1.1 and Go's reader of it take for something else than text, and what breaks lines. */
const MISREAD = [
  '0o17',
  '017',
  '0x1f',
  '0b11',
  '1_000',
  '1e3',
  'y',
  'n',
  'on',
  'Off',
  '.inf',
  '1:30',
  '2026-11-28',
  '<<',
  '=',
  '\r\n',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u007f',
  '\ufeff',
];
const odd = fc.constantFrom(...ODD_TEXTS.filter((each) => each.isWellFormed()), ...MISREAD);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  odd,
  fc
    .array(fc.oneof(odd, fc.constantFrom('\n', ' ', '-', ':', '#')), { maxLength: 4 })
    .map((parts) => parts.join('')),
);

test('kubectl reads from what is printed the very text that was meant, whatever it is', async () => {
  const texts = fc.sample(text, 2_000);
  // As values, and as names: a number before each keeps them apart.
  const data = Object.fromEntries(
    texts.flatMap((each, index) => [
      [`value-${index}`, each],
      [`${each} ${index}`, 'name'],
    ]),
  );
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'texts' }, data };
  const args = ['create', '--dry-run=client', '--validate=false', '--output=json', '--filename=-'];
  const read = JSON.parse(await kubectl(args, printManifests([manifest]))) as { data: unknown };
  expect(read.data).toEqual(data);
});
