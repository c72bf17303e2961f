/** A check that says yes or no; it counts as one test. */
export interface Gate {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

const npm = (name: string) => `node_modules/.bin/${name}`;
const python = (name: string, args: readonly string[]) => ({
  command: '.venv/bin/python',
  args: ['-m', name, ...args],
});

/** Cheapest first. Each is proven able to fail by test/architecture/gates.test.ts. */
export const GATES = {
  format: { name: 'format (biome)', command: npm('biome'), args: ['check', '--error-on-warnings', '.'] },
  types: { name: 'types (tsc)', command: npm('tsc'), args: ['-p', '.'] },
  lint: { name: 'lint (oxlint)', command: npm('oxlint'), args: ['--type-aware', '--deny-warnings'] },
  unused: {
    name: 'unused code (knip)',
    command: npm('knip'),
    args: ['--no-progress'],
  },
  pythonFormat: { name: 'Python format (ruff)', ...python('ruff', ['format', '--check', 'trainer']) },
  pythonLint: { name: 'Python lint (ruff)', ...python('ruff', ['check', 'trainer']) },
  pythonTypes: { name: 'Python types (mypy)', ...python('mypy', ['trainer']) },
} as const satisfies Readonly<Record<string, Gate>>;
