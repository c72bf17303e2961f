import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { putInYaml } from '../../orchestrator/documents/put-in-yaml.ts';
import { valueAt, withValueAt } from '../../orchestrator/recipe/field-path.ts';

const LENGTHS = { of: 'sample', source: 'by hand', bins: [{ from: 1, to: 2, count: 3 }] };
const PATH = ['dataset', 'lengths'];
const put = (text: string, path = PATH) => putInYaml(text, 'r.yaml', path, LENGTHS);

describe('a field that is put into a YAML file', () => {
  it('comes last in its map, and every other byte stays', () => {
    const text =
      '# mine\nname: "x"   # odd\ndataset:\n    # where\n    source:   { path: a }  # here\n\n# then\ntraining: {a: 1}\n';
    expect(put(text)).toBe(
      text.replace(
        '# here\n',
        '# here\n    lengths:\n      of: sample\n      source: by hand\n      bins:\n        - { from: 1, to: 2, count: 3 }\n',
      ),
    );
  });

  it('takes the place of what was there', () => {
    const text = 'dataset:\n  lengths:\n    of: trace # old\n    bins: []\n  systemPrompt: null # none\n';
    const edited = put(text);
    expect(edited).toContain('  systemPrompt: null # none\n');
    expect(edited).not.toContain('trace');
    expect(parse(edited)).toEqual({ dataset: { lengths: LENGTHS, systemPrompt: null } });
    expect(put(edited)).toBe(edited);
  });

  it.each([
    'dataset: { source: {path: a} }\n',
    'dataset: {source: a,}',
    'dataset: {}\n',
    'dataset: { lengths: {of: trace}, source: a } # so\n',
    'dataset:\n  text: |\n    a\n    b\n',
    'dataset:\n  text: a',
    'dataset:\r\n  text: a\r\nname: b\r\n',
  ])('is read back from %j', (text) => {
    const edited = put(text);
    expect(parse(edited)).toEqual(withValueAt(parse(text), PATH, LENGTHS));
  });

  it('is found in an ablation’s base, too', () => {
    const text = 'base:\n  dataset:\n    source: a\n  name: b\n';
    expect(valueAt(parse(put(text, ['base', ...PATH])), ['base', ...PATH])).toEqual(LENGTHS);
  });

  it('is refused where its map is not written out', () => {
    expect(() => put('a: &a {b: 1}\ndataset: *a\n')).toThrow(/not written out in r.yaml/);
    expect(() => put('name: x\n')).toThrow(/not written out/);
  });

  it('is all that changes, whatever else is in the file', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean());
    const few = <T>(value: fc.Arbitrary<T>) => fc.dictionary(fc.string(), value, { maxKeys: 3 });
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(tie('node'), { maxLength: 3 }),
        few(tie('node')),
      ),
    })).node;
    fc.assert(
      fc.property(few(tree), few(tree), (dataset, rest) => {
        const before = stringify({ ...rest, dataset: { source: 1, ...dataset } });
        expect(parse(put(before))).toEqual(withValueAt(parse(before), PATH, LENGTHS));
      }),
      { numRuns: 40 },
    );
  });
});
