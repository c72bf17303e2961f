import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { GATES, type Gate } from '../../ops/gates.ts';

const CONFIGS = [
  '.gitignore',
  '.oxlintrc.json',
  'biome.json',
  'knip.json',
  'pyproject.toml',
  'tsconfig.json',
];
const MANIFEST = `${JSON.stringify({ name: 'seeded', type: 'module', bin: { stint: 'bin/stint.mjs' } }, null, 2)}\n`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs a gate as `npm test` does, with the project's own settings, in a folder that holds only these files. */
function runGate({ command, args }: Gate, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'stint-gate-'));
  folders.push(folder);
  for (const config of CONFIGS) copyFileSync(config, join(folder, config));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const everything = { 'package.json': MANIFEST, 'trainer/__init__.py': '', ...files };
  for (const [path, text] of Object.entries(everything)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const path = [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter);
  const env = { ...process.env, PATH: path, NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(resolve(command), args, {
    cwd: folder,
    encoding: 'utf8',
    env,
  });
  return { status, output: stdout + stderr };
}

const ONE = { 'orchestrator/a.ts': 'export const one = 1;\n' };
const RUNNING = { 'bin/stint.mjs': `import { one } from '../orchestrator/a.ts';\nconsole.log(one);\n` };

interface Case {
  readonly what: string;
  readonly gate: Gate;
  readonly clean: Readonly<Record<string, string>>;
  readonly seeded: Readonly<Record<string, string>>;
  readonly says: string | RegExp;
}

const CASES: readonly Case[] = [
  {
    what: 'a file in another layout',
    gate: GATES.format,
    clean: ONE,
    seeded: { ...ONE, 'orchestrator/a.ts': 'export const one = "1"' },
    says: 'Formatter would have printed',
  },
  {
    what: 'unsorted imports',
    gate: GATES.format,
    clean: ONE,
    seeded: {
      ...ONE,
      'orchestrator/a.ts': `import { z } from 'zod';\nimport { b } from './b.ts';\nimport { a } from './a.ts';\n\nexport const c = [z, a, b];\n`,
    },
    says: 'organizeImports',
  },
  {
    what: 'a wrong type',
    gate: GATES.types,
    clean: ONE,
    seeded: { 'orchestrator/a.ts': `export const one: number = 'one';` },
    says: 'TS2322',
  },
  {
    what: 'an index that may be missing',
    gate: GATES.types,
    clean: ONE,
    seeded: { 'orchestrator/a.ts': 'export const first = (all: number[]): number => all[0];' },
    says: 'TS2322',
  },
  {
    what: 'syntax that Node cannot strip',
    gate: GATES.types,
    clean: ONE,
    seeded: { 'orchestrator/a.ts': 'export enum Phase { Loading }' },
    says: 'TS1294',
  },
  {
    what: 'a promise that nobody awaits',
    gate: GATES.lint,
    clean: ONE,
    seeded: { 'orchestrator/a.ts': 'export function f() {\n  Promise.resolve(1);\n}\n' },
    says: 'no-floating-promises',
  },
  {
    what: 'a promise taken for a condition',
    gate: GATES.lint,
    clean: ONE,
    seeded: {
      'orchestrator/a.ts':
        'export const f = (p: Promise<boolean>) => {\n  if (p) return 1;\n  return 2;\n};\n',
    },
    says: 'no-misused-promises',
  },
  {
    what: 'a forgotten case',
    gate: GATES.lint,
    clean: ONE,
    seeded: {
      'orchestrator/a.ts': `export function f(k: 'a' | 'b') {\n  switch (k) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n`,
    },
    says: 'switch-exhaustiveness-check',
  },
  {
    what: 'files that import each other',
    gate: GATES.lint,
    clean: ONE,
    seeded: {
      'orchestrator/a.ts': `import { b } from './b.ts';\nexport const a = () => b();\n`,
      'orchestrator/b.ts': `import { a } from './a.ts';\nexport const b = (): number => a();\n`,
    },
    says: 'no-cycle',
  },
  {
    what: 'files that take types from each other',
    gate: GATES.lint,
    clean: ONE,
    seeded: {
      'orchestrator/a.ts': `import type { B } from './b.ts';\nexport interface A {\n  readonly b: B;\n}\n`,
      'orchestrator/b.ts': `import type { A } from './a.ts';\nexport interface B {\n  readonly a: A | null;\n}\n`,
    },
    says: 'no-cycle',
  },
  {
    what: 'an export that nobody uses',
    gate: GATES.unused,
    clean: { ...ONE, ...RUNNING },
    seeded: { ...RUNNING, 'orchestrator/a.ts': 'export const one = 1;\nexport const spare = 2;\n' },
    says: /Unused exports[^]*spare/,
  },
  {
    what: 'a file that nobody imports',
    gate: GATES.unused,
    clean: { ...ONE, ...RUNNING },
    seeded: {
      ...ONE,
      ...RUNNING,
      'orchestrator/b.ts': 'export {};\n',
    },
    says: /Unused files[^]*orchestrator\/b\.ts/,
  },
  {
    what: 'Python in another layout',
    gate: GATES.pythonFormat,
    clean: { 'trainer/a.py': 'ONE = 1\n' },
    seeded: { 'trainer/a.py': 'ONE=1' },
    says: 'would be reformatted',
  },
  {
    what: 'an unused import in Python',
    gate: GATES.pythonLint,
    clean: { 'trainer/a.py': 'ONE = 1\n' },
    seeded: { 'trainer/a.py': 'import os\n' },
    says: 'F401',
  },
  {
    what: 'a wrong type in Python',
    gate: GATES.pythonTypes,
    clean: { 'trainer/a.py': 'ONE: int = 1\n' },
    seeded: { 'trainer/a.py': 'ONE: int = "one"\n' },
    says: 'Incompatible types in assignment',
  },
  {
    what: 'a Python function without types',
    gate: GATES.pythonTypes,
    clean: { 'trainer/a.py': 'ONE: int = 1\n' },
    seeded: { 'trainer/a.py': 'def f(x):\n    return x\n' },
    says: 'no-untyped-def',
  },
];

describe.each([...new Set(CASES.map(({ gate }) => gate))])('the gate $name', (gate) => {
  const cases = CASES.filter((each) => each.gate === gate);

  it('lets good code pass', { timeout: 60_000 }, () => {
    const { status, output } = runGate(gate, cases[0]?.clean ?? {});
    expect({ status, output }).toEqual({ status: 0, output: expect.any(String) });
  });

  it.each(cases)('finds $what', { timeout: 60_000 }, ({ seeded, says }) => {
    const { status, output } = runGate(gate, seeded);
    expect(output).toMatch(says);
    expect(status).toBeGreaterThan(0);
  });
});

it('seeds every gate', () => {
  expect(new Set(CASES.map(({ gate }) => gate))).toEqual(new Set(Object.values(GATES)));
});
