import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BudgetsSchema } from '../../orchestrator/budget/budgets.ts';
import { loadPriceBook } from '../../orchestrator/documents/load-price-book.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { readDocument } from '../../orchestrator/documents/read-document.ts';
import { isStintError, StintError } from '../../orchestrator/errors/stint-error.ts';
import { seededRandom } from '../simulation/random.ts';
import { type Below, mutated } from './mutate-text.ts';

const SEED = Number(process.env['STINT_MUTATION_SEED'] ?? 1);
const FILES = 2_500;
/** A machine that has much else to do stands still for seconds; what hangs does for ever. */
const LONGEST_MILLISECONDS = 20_000;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const BUDGETS = `kind: Budgets
budgets:
  - {name: red-monthly, team: red, period: month, gpuHours: 100}
  - {name: s1, project: s1, period: total, cost: {amount: 500, currency: USD}, from: 2026-11-01}
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-mutated-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

const shipped = (...names: string[]) => Promise.all(names.map((name) => readFile(join(ROOT, name), 'utf8')));

interface Kind {
  readonly name: string;
  readonly originals: () => Promise<readonly string[]>;
  readonly read: (file: string) => Promise<unknown>;
}

const KINDS: readonly Kind[] = [
  {
    name: 'recipes',
    originals: () =>
      shipped(
        'recipes/quickstart.yaml',
        'recipes/s1-32b.yaml',
        'recipes/s1-59k.yaml',
        'recipes/ablations/sequence-length.yaml',
        'test/end-to-end/recipes/tiny.yaml',
      ),
    read: loadRecipe,
  },
  {
    name: 'profiles',
    originals: () =>
      shipped(
        'cluster/profiles/laptop.yaml',
        'cluster/profiles/h100-16.yaml',
        'cluster/profiles/gke-a3-mega-16.yaml',
        'cluster/profiles/eks-p5-16.yaml',
      ),
    read: loadProfile,
  },
  {
    name: 'budgets',
    originals: async () => [BUDGETS],
    read: (file) => readDocument(file, BudgetsSchema),
  },
  {
    name: 'prices',
    originals: () => shipped('ops/prices.yaml'),
    read: (file) => loadPriceBook(file, folder),
  },
];

const random = seededRandom(SEED);
const below: Below = (bound) => (bound === 0 ? 0 : random(bound));

/** What of an answer to a file is not as it should be; undefined where all is. */
async function wrongAnswer({ read }: Kind, file: string): Promise<string | undefined> {
  try {
    await read(file);
    return undefined;
  } catch (error) {
    if (!isStintError(error)) return error instanceof Error ? String(error.stack) : String(error);
    const unplaced = error.problems.find(
      (problem) =>
        new StintError(problem).exitCode !== 2 ||
        !problem.where?.startsWith(dirname(file)) ||
        !/:\d+:\d+$/.test(problem.where),
    );
    return unplaced && JSON.stringify(unplaced);
  }
}

it.each(KINDS)(
  `reads 2,500 files that were made from $name by chance, or says of each what is wrong and on which line`,
  async (kind) => {
    const originals = await kind.originals();
    const file = join(folder, 'file.yaml');
    for (let index = 0; index < FILES; index++) {
      const text = mutated(originals[below(originals.length)] ?? '', below);
      await writeFile(file, text);
      const began = performance.now();
      const wrong = await wrongAnswer(kind, file);
      const took = performance.now() - began;
      if (wrong !== undefined || took > LONGEST_MILLISECONDS) {
        const kept = join(tmpdir(), `stint-mutated-${kind.name}-${SEED}-${index}.yaml`);
        await writeFile(kept, text);
        expect.fail(`${kept}: ${wrong ?? `took ${took} ms`}`);
      }
    }
  },
);
