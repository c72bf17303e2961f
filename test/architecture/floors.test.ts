import { describe, expect, it } from 'vitest';
import { FLOORS } from './floors.ts';
import { parseSource, readSources } from './source-file.ts';
import { findViolations } from './violations.ts';

const sources = readSources('.', ['orchestrator', 'cluster']);
const standing = findViolations(sources);

/** What is new among the violations once a file with this text stands beside the real ones. */
const seed = (path: string, text: string) =>
  findViolations([...sources, parseSource(path, text)]).filter((violation) => !standing.includes(violation));

describe('the floors', () => {
  it('hold in every room', () => {
    expect(standing).toEqual([]);
  });

  it('were checked on the real program', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(100);
    expect(new Set(FLOORS.flatMap(({ rooms }) => rooms)).size).toBe(
      FLOORS.flatMap(({ rooms }) => rooms).length,
    );
  });

  it.each([
    ['an upper floor', `import { open } from '../store/database.ts';`, 'which is not below it'],
    [
      'a type of an upper floor',
      `import type { Cluster } from '../../orchestrator/ports/cluster.ts';`,
      'which is not below it',
    ],
    [
      'an upper floor, lazily',
      `export const f = () => import('../cli/program.ts');`,
      'which is not below it',
    ],
    ['a type in place', `export type T = import('../cli/program.ts').T;`, 'which is not below it'],
    ['an upper floor, by re-export', `export { open } from '../store/database.ts';`, 'which is not below it'],
    ['a test', `import '../../test/plan/fixtures.ts';`, 'which is no room of the program'],
    ['a Node module', `import { readFileSync } from 'node:fs';`, 'the domain imports node:fs'],
    ['a package', `import { parse } from 'yaml';`, 'the domain imports yaml'],
    [
      'what cannot be read',
      `export const f = (name: string) => import(name);`,
      'the domain imports (computed)',
    ],
  ])('are broken when the domain imports %s', (_, text, message) => {
    expect(seed('orchestrator/plan/seeded.ts', text)).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['Date.now', 'export const at = Date.now();'],
    ['new Date()', 'export const at = new Date();'],
    ['Date()', 'export const at = Date();'],
    ['Math.random', 'export const dice = () => Math.random();'],
    ['process', `export const home = process.env['HOME'];`],
    ['console', `export const say = () => console.log('hello');`],
    ['fetch', `export const get = () => fetch('https://example.org');`],
    ['setTimeout', 'export const later = (act: () => void) => setTimeout(act, 1);'],
    ['async', 'export async function f(): Promise<void> {}'],
  ])('are broken when the domain uses %s', (name, text) => {
    expect(seed('orchestrator/run/seeded.ts', text)).toEqual([
      expect.stringContaining(`the domain uses ${name};`),
    ]);
  });

  it('let the domain name a field after what it may not use, and speak of it', () => {
    const text = `// Date.now()\nexport const at = (pod: { process: number }) => [pod.process, 'fetch', new Date(0)];`;
    expect(seed('orchestrator/run/seeded.ts', text)).toEqual([]);
  });

  it.each([
    [
      'a package of another room',
      'orchestrator/cli/seeded.ts',
      `import 'kysely';`,
      'only orchestrator/store may know',
    ],
    [
      'a package of no room',
      'orchestrator/cli/seeded.ts',
      `import 'left-pad';`,
      'floors.ts gives to no room',
    ],
    [
      'a neighbour on its floor',
      'orchestrator/store/seeded.ts',
      `import '../charts/a.ts';`,
      'which is not below it',
    ],
    ['anything from no floor', 'orchestrator/attic/seeded.ts', `import 'zod';`, 'stands on no floor'],
  ])('are broken when a room imports %s', (_, path, text, message) => {
    expect(seed(path, text)).toEqual([expect.stringContaining(message)]);
  });

  it('are broken when two rooms of the domain import each other', () => {
    const back = `import type { Plan } from '../plan/plan.ts';`;
    expect(seed('orchestrator/recipe/seeded.ts', back)).toContainEqual(
      expect.stringContaining('in a circle'),
    );
  });
});
