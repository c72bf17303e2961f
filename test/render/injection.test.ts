import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { printManifests } from '../../orchestrator/documents/print-manifests.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import type { Owner } from '../../orchestrator/render/owner.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import { OWNERS, ownedBy, profile, recipe, request, specText } from './requests.ts';

const templates = await loadTemplates();
const HOSTILE = [
  '\u2029',
  '\u007f',
  '\u009f',
  '\ufeff',
  '\ufffe',
  '\u{e0001}',
  '0o17',
  '0x1f',
  '1_000',
  'Yes',
  '.inf',
  '2026-11-28',
  ' ',
  '\r',
  '"',
  "'",
  '\n',
  '\t',
  '${run:string}',
  '- a: b',
  '{}',
  '# x',
  ': ',
  '|',
  '---',
  '$(X)',
  'no',
  '012',
  '1e3',
  '12:30:45',
  '~',
  '\u2028',
  '\u0085',
  '\u0000',
  '😀',
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.constantFrom(...HOSTILE, 'a')).map((parts) => parts.join('')),
);

function render(text: string, owner: Owner = 'jobset'): readonly Manifest[] {
  const on = ownedBy(owner, profile('h100'));
  const network = { ...on.network, env: { NCCL_IB_HCA: text } };
  const dataset = { ...recipe.dataset, systemPrompt: text };
  return renderStage(
    templates,
    request(
      'train',
      { ...on, network, device: { ...on.device, model: text } },
      { recipe: { ...recipe, description: text, dataset } },
    ),
  );
}

/** Everything of a value but the texts in it. */
const structure = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, field: unknown) => (typeof field === 'string' ? 'text' : field)));

describe.for(['1.1', '1.2'] as const)('printed for a reader of YAML %s', (version) => {
  test('any text of a recipe or profile comes back as it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const manifests = render(text);
        const read = parseAllDocuments(Buffer.from(printManifests(manifests)).toString(), { version }).map(
          (document) => document.toJS() as unknown,
        );
        expect(read).toEqual(manifests);
      }),
      { numRuns: 60 },
    );
  });
});

test('what is printed has no character that a reader of YAML could take for another or refuse', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      expect(printManifests(render(text))).not.toMatch(/[^\n\P{C}]|[\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 100 },
  );
});

test.for([
  '0o17',
  '017',
  '0x1f',
  '1_000',
  '1e3',
  'y',
  'No',
  'ON',
  '~',
  'null',
  '.inf',
  '2026-11-28',
  '1:30',
  '<<',
  '=',
  '-',
  '',
])('the text %j is quoted', (text) => {
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { [text]: text } };
  expect(printManifests([manifest])).toContain(`${JSON.stringify(text)}: ${JSON.stringify(text)}\n`);
});

describe('whatever a text holds', () => {
  test.for(OWNERS)('it adds, removes and moves no field of a %s', (owner) => {
    const plain = structure(render('plain', owner));
    fc.assert(
      fc.property(hostile, (text) => {
        expect(structure(render(text, owner))).toEqual(plain);
      }),
      { numRuns: 100 },
    );
  });

  test('the trainer reads it from the job specification unchanged', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const spec = JSON.parse(specText(render(text))) as {
          recipe: { description: string; dataset: { systemPrompt: string } };
        };
        expect(spec.recipe.description).toBe(text);
        expect(spec.recipe.dataset.systemPrompt).toBe(text);
      }),
      { numRuns: 100 },
    );
  });
});
