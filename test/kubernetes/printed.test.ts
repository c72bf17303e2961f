import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printManifests } from '../../orchestrator/documents/print-manifests.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { ODD_TEXTS } from '../profile/every-field.ts';
import { kubectl } from './kubectl.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(fc.constantFrom(...ODD_TEXTS.filter((odd) => odd.isWellFormed()), '\n', ' ', '-', ':', '#')),
      {
        maxLength: 4,
      },
    )
    .map((parts) => parts.join('')),
  // What YAML 1.1 and Go's reader of it take for something else than text.
  fc.constantFrom(
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
    '~',
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
  ),
);

test('kubectl reads from what is printed the very text that was meant, whatever it is', async () => {
  const texts = fc.sample(text, 1_000);
  const manifests: readonly Manifest[] = texts.map((each, index) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `text-${index}`, annotations: { [each]: each } },
    data: { text: each, name: each },
  }));
  const args = ['create', '--dry-run=client', '--validate=false', '--output=json', '--filename=-'];
  const { items } = JSON.parse(await kubectl(args, printManifests(manifests))) as {
    items: readonly { data: { text: string }; metadata: { annotations: object } }[];
  };
  expect(items.map(({ data }) => data.text)).toEqual(texts);
  expect(items.map(({ metadata }) => metadata.annotations)).toEqual(texts.map((each) => ({ [each]: each })));
});
