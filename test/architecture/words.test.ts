import { readdirSync, readFileSync } from 'node:fs';
import { parseSync, Visitor } from 'oxc-parser';
import { expect, test } from 'vitest';
import { doubledNames, namesOf } from './exported-names.ts';
import { forbiddenIn, type Word, wordsOf } from './words.ts';

const WORDS = wordsOf(readFileSync('docs/words.md', 'utf8'));
const ROOMS = ['orchestrator', 'cluster'];

const filesBelow = (folder: string, ending: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .toSorted()
    .map((name) => `${folder}/${name}`);

/** What a program may print: its literals that are more than one word. */
function sentencesOf(path: string): readonly string[] {
  const sentences: string[] = [];
  const add = (text: string) => {
    if (/\s/.test(text.trim())) sentences.push(text);
  };
  new Visitor({
    Literal: ({ value }) => {
      if (typeof value === 'string') add(value);
    },
    TemplateElement: ({ value }) => add(value.raw),
  }).visit(parseSync(path, readFileSync(path, 'utf8')).program);
  return sentences;
}

test('every sentence that Stint can say keeps to its words', () => {
  const sources = ROOMS.flatMap((room) => filesBelow(room, '.ts'));
  const said = sources.flatMap((path) => sentencesOf(path).map((text) => ({ path, text })));
  expect(said.length).toBeGreaterThan(1_000);
  expect(said.flatMap(({ path, text }) => told(WORDS, path, text))).toEqual([]);
});

test('so do the README and the pages', () => {
  const pages = ['README.md', ...filesBelow('docs', '.md').filter((path) => path !== 'docs/words.md')];
  expect(pages.flatMap((path) => told(WORDS, path, readFileSync(path, 'utf8')))).toEqual([]);
});

const told = (words: readonly Word[], path: string, text: string): readonly string[] =>
  forbiddenIn(words, text).map(({ found, word }) => `${path}: "${found}" is "${word}"`);

test('another word for one of them is noticed, in whatever case, and a longer word that holds it is none', () => {
  const words = wordsOf(
    '| word | meaning | not |\n| --- | --- | --- |\n| fix | make right | mend, put right |\n| run | it | |\n',
  );
  expect(words).toEqual([
    { word: 'fix', not: ['mend', 'put right'] },
    { word: 'run', not: [] },
  ]);
  expect(forbiddenIn(words, 'Mend it, amend it, put  right')).toEqual([
    { word: 'fix', found: 'Mend' },
    { word: 'fix', found: 'put  right' },
  ]);
});

test('a name that rooms give each other means one thing', () => {
  const names = ROOMS.flatMap((room) => filesBelow(room, '.ts')).map((path) => ({
    path,
    names: namesOf(path, readFileSync(path, 'utf8')),
  }));
  expect(doubledNames(names)).toEqual([]);
});

test('a name that stands twice is noticed, but not where two adapters or two commands do the same', () => {
  const twice = (...paths: readonly string[]) => doubledNames(paths.map((path) => ({ path, names: ['it'] })));
  expect(
    namesOf('a.ts', 'export const a = 1; export type B = 1; export interface C {} const d = 1;'),
  ).toEqual(['a', 'B', 'C']);
  expect(twice('orchestrator/plan/a.ts', 'orchestrator/run/b.ts')).toEqual([
    'it: orchestrator/plan/a.ts, orchestrator/run/b.ts',
  ]);
  expect(twice('cluster/local/a.ts', 'cluster/kubernetes/a.ts')).toEqual([]);
  expect(twice('orchestrator/cli/commands/runs/ls.ts', 'orchestrator/cli/commands/tokens/ls.ts')).toEqual([]);
  expect(twice('cluster/local/a.ts', 'cluster/local/b.ts')).toHaveLength(1);
});
