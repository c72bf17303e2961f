import { describe, expect, it } from 'vitest';
import { readYaml } from '../../orchestrator/documents/yaml-document.ts';
import { isStintError, type Problem } from '../../orchestrator/errors/stint-error.ts';

function refusals(text: string): readonly Problem[] {
  try {
    readYaml(text, 'f.yaml');
  } catch (error) {
    if (isStintError(error)) return error.problems;
    throw error;
  }
  return [];
}

describe('readYaml', () => {
  it('follows anchors, aliases and merge keys, and knows where what they stand for is written', () => {
    const { value, locate } = readYaml(
      'base: &base {lr: 1, wd: 2}\nname: &n tiny\na: *base\nb:\n  <<: *base\n  lr: 3\nc: *n\n',
      'f.yaml',
    );
    expect(value).toMatchObject({ a: { lr: 1, wd: 2 }, b: { lr: 3, wd: 2 }, c: 'tiny' });
    expect(locate(['a', 'wd'])).toBe('f.yaml:1:25');
    expect(locate(['b', 'wd'])).toBe('f.yaml:1:25');
    expect(locate(['b', 'lr'])).toBe('f.yaml:6:7');
    expect(locate(['c'])).toBe('f.yaml:2:10');
  });

  it.each<[string, string, string, RegExp]>([
    [
      'a name that would be passed over',
      'a:\n  __proto__: {b: 1}\n',
      '2:3',
      /__proto__ is no name of a field/,
    ],
    ['an alias without an anchor', 'a: *x\n', '1:4', /no anchor &x/],
    ['an alias before its anchor', 'a: *x\nb: &x 1\n', '1:4', /no anchor &x/],
    ['an alias within what it stands for', 'a: &x {b: [*x]}\n', '1:12', /part of what it stands for/],
    ['a merge of itself', 'a: &x\n  <<: *x\n', '2:7', /part of what it stands for/],
    ['a merge of text', 'a: &x 1\nb:\n  <<: *x\n', '3:3', /merge key/],
    ['a tag that is not known', 'a: !include other.yaml\n', '1:4', /tag is not known/],
    ['bytes by a tag', 'a: !!binary aGk=\n', '1:4', /tag is not known/],
    ['two documents', 'a: 1\n---\nb: 2\n', '2:1', /second document/],
    ['a tab', 'a:\n\tb: 1\n', '2:1', /a tab in front/],
    ['nothing', '', '1:1', /holds nothing/],
    ['only comments', '# one\n# two\n', '1:1', /holds nothing/],
    ['a template that was not filled', 'a: {{ name }}\n', '1:5', /as the name of a field/],
    ['another YAML', '%YAML 1.1\n---\na: no\n', '1:1', /another YAML than 1.2/],
    ['too deep nesting', '['.repeat(100_000), '1:', /nests too deeply/],
    [
      'nesting below the limit of the parser',
      `${'['.repeat(70)}${']'.repeat(70)}`,
      '1:66',
      /nests too deeply/,
    ],
  ])('refuses %s, and says where', (_, text, place, words) => {
    const [problem, ...others] = refusals(text);
    expect(problem?.where).toContain(`f.yaml:${place}`);
    expect(problem?.what).toMatch(words);
    expect(others).toEqual([]);
  });

  it('says of a broken line one thing, and of fields that stand twice each', () => {
    const long = Array.from({ length: 500 }, (_, index) => `k${index}: {a: 1}`).join('\n');
    expect(refusals(`x: {unclosed: "\n${long}\n`)).toHaveLength(1);
    const twice = refusals('a: 1\nb: {c: 1, c: 2}\na: 2\n');
    expect(twice.map(({ where }) => where)).toEqual(['f.yaml:2:11', 'f.yaml:3:1']);
  });

  it('refuses aliases of aliases that stand for billions in no time', () => {
    const laughs = 'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`);
    const began = performance.now();
    expect(refusals(`a: &a [lol, lol]\n${laughs.join('\n')}\n`)[0]?.what).toMatch(/more than 100000 values/);
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
