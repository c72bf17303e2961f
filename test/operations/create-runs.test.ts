import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Caller, OWNER } from '../../orchestrator/contract/caller.ts';
import type { Submission } from '../../orchestrator/contract/submission.ts';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { loadProfile, profileDocument } from '../../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { createRuns } from '../../orchestrator/operations/create-runs.ts';
import type { LaunchDesk } from '../../orchestrator/operations/desk.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { siteOfTests } from './site-of-tests.ts';
import { workplaceOfTests } from './stint-contract.ts';
import { submissionOf } from './submission-of.ts';

const LAPTOP = 'cluster/profiles/laptop.yaml';
const QUICKSTART = await loadRecipe('recipes/quickstart.yaml');
const SUBMISSION = submissionOf(QUICKSTART, 'laptop');
const ANN: Caller = { name: 'ann', role: 'operator', team: null };

async function desk(parts: Partial<LaunchDesk> = {}): Promise<LaunchDesk> {
  const home = temporaryFolder();
  const workplace = await workplaceOfTests(home);
  return { workplace, caller: OWNER, site: siteOfTests(home), ...parts };
}

const recorded = async ({ workplace }: LaunchDesk) => (await workplace.store.runs.summaries()).length;

test('a question that comes again gives the runs that it has made, whatever became of its answer', async () => {
  const at = await desk({ once: { at: 1_800_000_000_000, seed: 7 } });
  const before = await recorded(at);
  const first = await createRuns(at, SUBMISSION);
  expect(first.runs.map(({ arm }) => arm)).toEqual(QUICKSTART.arms.map(({ name }) => name));
  expect(await createRuns(at, SUBMISSION)).toEqual(first);
  // Two servers that are asked at once.
  const all = await Promise.all([1, 2, 3].map(() => createRuns(at, SUBMISSION)));
  expect(all).toEqual([first, first, first]);
  expect(await recorded(at)).toBe(before + 2);
  const other = await createRuns({ ...at, once: { at: 1_800_000_000_000, seed: 8 } }, SUBMISSION);
  expect(other.runs).not.toEqual(first.runs);
});

test('arms that are not those of the recipe are no submission', async () => {
  const at = await desk();
  const [first, second] = SUBMISSION.arms as [Submission['arms'][number], Submission['arms'][number]];
  const longer = { ...second, recipe: { ...second.recipe, seed: 9_999 } } as typeof second;
  for (const [arms, code] of [
    [[first], 'wrong-field'],
    [[second, first], 'wrong-field'],
    [[first, { ...second, value: 1 }], 'wrong-field'],
    [[first, { ...longer, recipe: { ...longer.recipe, team: 'red' } }], 'more-than-one-factor'],
  ] as const)
    await expect(createRuns(at, { ...SUBMISSION, arms: [...arms] })).rejects.toMatchObject({ code });
});

test('who is of a team launches for it alone', async () => {
  const at = await desk({ caller: { ...ANN, team: 'red' } });
  await expect(createRuns(at, SUBMISSION)).rejects.toMatchObject({
    code: 'not-allowed',
    problems: [{ what: '"ann" launches for team red, and the recipe names no team' }],
  });
  const of = (team: string) => ({
    ...SUBMISSION,
    arms: SUBMISSION.arms.map((arm) => ({ ...arm, recipe: { ...arm.recipe, team } })),
  });
  await expect(createRuns(at, of('blue'))).rejects.toThrow("the recipe is team blue's");
  expect((await createRuns(at, of('red'))).runs).toHaveLength(2);
});

test('a profile that the server does not know is an admin’s to bring, and is judged as a file is', async () => {
  const at = await desk({ caller: ANN });
  const document = await profileDocument(LAPTOP);
  const other = { ...document, name: 'mine' };
  await expect(createRuns(at, { ...SUBMISSION, cluster: other })).rejects.toMatchObject({
    code: 'cluster-not-yours',
  });
  // As the server has it, it may come as a document, too.
  expect((await createRuns(at, { ...SUBMISSION, cluster: document })).runs).toHaveLength(2);
  expect((await createRuns({ ...at, caller: OWNER }, { ...SUBMISSION, cluster: other })).runs).toHaveLength(
    2,
  );
  await expect(createRuns(at, { ...SUBMISSION, cluster: '../../etc/passwd.yaml' })).rejects.toMatchObject({
    code: 'no-such-cluster',
  });
  await expect(
    createRuns({ ...at, caller: OWNER }, { ...SUBMISSION, cluster: { ...document, device: 3 } }),
  ).rejects.toMatchObject({ code: 'wrong-field', problems: [{ where: 'cluster.device' }] });
});

test('profiles that lie in the home are known by name, before the shipped ones', async () => {
  const home = temporaryFolder();
  await mkdir(`${home}/clusters`, { recursive: true });
  await copyFile(LAPTOP, `${home}/clusters/bench.yaml`);
  expect((await loadProfile('bench', home)).backend.kind).toBe('local');
  await expect(loadProfile('bench')).rejects.toMatchObject({ code: 'no-such-cluster' });
  await expect(loadProfile('bensh', home)).rejects.toThrow('no cluster profile');
});

test('what a recipe reads has to be sent before, and lies in the run’s folder under its own digest', async () => {
  const at = await desk();
  const [arm] = QUICKSTART.arms;
  if (arm === undefined) throw new Error('a recipe has an arm');
  const rows = `${JSON.stringify({ question: '1 + 1', answer: '2' })}\n`;
  const benchmark = {
    name: 'own',
    source: { kind: 'file', path: 'own.jsonl' },
    fields: { question: 'question', answer: 'answer' },
    grader: 'integer',
  };
  const asked = {
    ...arm.recipe,
    evaluation: { ...arm.recipe.evaluation, benchmarks: [benchmark] },
  } as unknown as Submission['arms'][number]['recipe'];
  const files = [{ name: '/home/ann/own.jsonl', sha256: sha256(rows) }];
  const submission: Submission = {
    ...SUBMISSION,
    recipe: asked,
    arms: [
      {
        name: asked.name,
        value: null,
        recipe: asked,
        inputs: { model: null, dataset: null, benchmarks: [{ benchmark: 'own', files }] },
        seen: null,
      },
    ],
  };
  await expect(createRuns(at, submission)).rejects.toMatchObject({
    code: 'file-not-sent',
    problems: [{ where: '/home/ann/own.jsonl' }],
  });
  await at.site.uploads.keep(sha256(rows), Readable.from([Buffer.from(rows)]));
  const { runs } = await createRuns(at, submission);
  const record = await at.workplace.store.runs.find(runs[0]?.id ?? '');
  expect(record?.plan.inputs?.benchmarks).toEqual([{ name: 'own', sha256: sha256(rows), why: null }]);
  const folder = at.workplace.workFolder(record ?? ({} as never));
  expect(await readFile(`${folder}/inputs/benchmarks/own/00001-own.jsonl`, 'utf8')).toBe(rows);
});
