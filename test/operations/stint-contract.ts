import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Caller, OWNER } from '../../orchestrator/contract/caller.ts';
import { EXCHANGES, type Stint } from '../../orchestrator/contract/routes.ts';
import type { VerbName } from '../../orchestrator/contract/verbs.ts';
import { runManifests } from '../../orchestrator/controller/run-manifests.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { type LoadedArm, loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { NO_LOG } from '../../orchestrator/logging/open-log.ts';
import { localStint } from '../../orchestrator/operations/local-stint.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { seededRandom } from '../../orchestrator/plan/random.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { boundFact, checkpoint, listedPrice, runRecord, temporaryFolder } from '../store/fixtures.ts';
import { siteOfTests } from './site-of-tests.ts';
import { submissionOf } from './submission-of.ts';

const NOW = 1_800_000_000_000;
const DAY = 24 * 3_600_000;

const [QUICKSTART, LAPTOP] = await Promise.all([
  loadRecipe('recipes/quickstart.yaml'),
  loadProfile('laptop'),
]);
const [LONG] = QUICKSTART.arms as [LoadedArm, ...LoadedArm[]];
const PLAN = makePlan(LONG.recipe, LONG.recipeDigest, LAPTOP);

/** Stint for a caller over a workplace, by whichever way. */
export type Reach = (workplace: Workplace, caller: Caller) => Promise<Stint>;

/** A store with 30 runs of two teams, the newest of which is queued; and a clock that stands still. */
export async function workplaceOfTests(home = temporaryFolder()): Promise<Workplace> {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  const records = Array.from({ length: 30 }, (_, index) => recordOf(index));
  await store.runs.create(records);
  for (const { id } of records.slice(1))
    await store.runs.append(id, 0, NOW, [{ type: 'stopped', message: 'by hand' }]);
  const [first, second] = records as [RunRecord, RunRecord];
  const ended = { kind: 'ended', run: second.id, pod: 'p1', key: 'p1:ended', at: NOW - DAY / 2 } as const;
  await store.ledger.record([
    boundFact(second.id, 'p1', NOW - DAY),
    { ...ended, seen: true, succeeded: false },
  ]);
  await store.checkpoints.register(checkpoint(second.id, 10, NOW - 5));
  await store.checkpoints.register(checkpoint(first.id, 11, NOW - 4));
  // Of what was registered, one file is as it was, and one is gone.
  mkdirSync(join(home, second.id, 'model'), { recursive: true });
  writeFileSync(join(home, second.id, 'model', 'config.json'), '{}');
  await keepAnswers(store, home, second.id, [1, 0]);
  await keepAnswers(store, home, 'r-0003', [1, 1]);
  return {
    store,
    now: () => NOW,
    sleep: async () => undefined,
    every: () => () => undefined,
    isAlive: () => true,
    host: null,
    priceOf: listedPrice,
    workFolder: ({ id }: Pick<RunRecord, 'id'>) => join(home, id),
    manifests: runManifests(({ id }) => join(home, id)),
    clusterFor: () => Promise.reject(new Error('nothing is to be seen')),
    log: NO_LOG,
    owner: 'test',
    pid: 1,
    random: seededRandom(1),
  } as unknown as Workplace;
}

/** Of an evaluation of two questions: what came out, and each answer with its tokens. */
async function keepAnswers(store: Store, home: string, run: string, correct: readonly (0 | 1)[]) {
  const control = { control: 'budget' as const, budget: 8, times: 0 };
  const measured = { ...control, forced: 0, thinkingTokens: [4, 4], correct: [...correct] };
  const benchmarks = [{ name: 'sums', n: 2, questions: 'q', results: [measured] }];
  await store.evaluations.record(run, { checkpoint: 'c-1', benchmarks }, NOW, null);
  const rows = correct.map((right, index) => ({
    benchmark: 'sums',
    ...control,
    question: `What is 1 + ${index}?`,
    reference: String(1 + index),
    thinking: 'easy',
    answer: String(right),
    thinkingTokens: 4,
    forced: false,
    correct: right,
    tokens: [7, right],
  }));
  const folder = join(home, run, 'evaluation');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'samples.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function recordOf(index: number): RunRecord {
  const record = runRecord({ id: `r-${String(index).padStart(4, '0')}`, createdAt: NOW - index * 1000 });
  const team = index % 2 === 0 ? 'red' : 'blue';
  return { ...record, profile: LAPTOP, plan: PLAN, recipe: { ...LONG.recipe, team } };
}

const RED: Caller = { name: 'ann', role: 'operator', team: 'red' };

/** What a client that has read the quickstart sends. */
const SUBMISSION = submissionOf(QUICKSTART, 'laptop');

/** The same over two lengths of its sequences. */
const SWEEP = {
  recipe: LONG.recipe,
  factor: 'training.sequenceLength',
  base: null,
  variants: [32, 128].map((value) => ({
    value,
    recipe: { ...LONG.recipe, training: { ...LONG.recipe.training, sequenceLength: value } },
    seen: null,
  })),
  seen: [],
  cluster: 'laptop',
};

/** One question of each verb; `{}` where a verb takes nothing. */
const QUESTIONS: { readonly [Name in VerbName]: Parameters<Stint[Name]>[0] } = {
  listRuns: { limit: 7 },
  planRuns: SUBMISSION,
  planSweep: SWEEP,
  findMissingFiles: { files: [`sha256:${'0'.repeat(64)}`] },
  createRuns: SUBMISSION,
  resumeRuns: { runs: ['r-0002'], gpuHours: 9 },
  findLeftovers: { run: 'r-elsewhere', cluster: 'h100-16' },
  releaseRun: { run: 'r-elsewhere', cluster: 'h100-16' },
  examineCluster: { cluster: 'laptop' },
  listNodes: { cluster: 'h100-16' },
  compareRuns: { runs: ['r-0001', 'r-0003'] },
  listPartings: { runs: ['r-0001', 'r-0003'] },
  listAnswers: { run: 'r-0001', question: 1 },
  listFlips: { run: 'r-0001', against: 'r-0003' },
  sumCost: { by: ['run', 'phase'], since: 20_000 },
  listCharges: { runs: ['r-0001'] },
  getRun: { run: 'r-0001' },
  reportStatus: {
    run: 'r-0001',
    trainerStatus: { progressPercentage: 40, metrics: [{ name: 'loss', value: '1.5' }] },
  },
  cancelRuns: { runs: ['r-0000', 'r-0001'] },
  listCheckpoints: {},
  getCheckpoint: { checkpoint: checkpoint('r-0001').digest },
  verifyCheckpoint: { checkpoint: checkpoint('r-0001').digest },
  listBudgets: {},
  applyBudgets: {
    kind: 'Budgets',
    budgets: [{ name: 'red-monthly', team: 'red', period: 'month', gpuHours: 100 }],
  },
  listTokens: {},
  createToken: { name: 'ben', role: 'viewer', team: 'red', days: 2 },
  revokeToken: { name: 'ben' },
  verifyLedger: {},
};

/** What every way to Stint does alike. */
export function stintContract(name: string, reach: Reach): void {
  describe(`Stint ${name}`, () => {
    const open = async (caller: Caller = OWNER, home = temporaryFolder()) => {
      const workplace = await workplaceOfTests(home);
      return { workplace, stint: await reach(workplace, caller) };
    };

    test('every verb answers as its schema says, and as the operations themselves do', async () => {
      const home = temporaryFolder();
      const { stint } = await open(OWNER, home);
      const local = localStint(await workplaceOfTests(home), siteOfTests());
      for (const verb of Object.keys(QUESTIONS) as VerbName[]) {
        const ask = (whom: Stint) => (whom[verb] as (question: unknown) => Promise<unknown>)(QUESTIONS[verb]);
        const [answer, expected] = [await ask(stint), await ask(local)];
        expect({ verb, answer: EXCHANGES[verb].answer.parse(answer) }).toEqual({ verb, answer });
        // Also the order of fields: what `--json` prints is the same to the byte.
        expect(withoutChance(JSON.stringify({ verb, answer }))).toBe(
          withoutChance(JSON.stringify({ verb, answer: expected })),
        );
      }
    });

    test('pages follow each other without a gap, and end', async () => {
      const { stint } = await open();
      const ids: string[] = [];
      let pages = 0;
      for (let cursor: string | null | undefined; cursor !== null; pages += 1) {
        const page = await stint.listRuns({ limit: 7, ...(cursor !== undefined && { cursor }) });
        ids.push(...page.runs.map(({ id }) => id));
        cursor = page.next;
      }
      expect(ids).toEqual(Array.from({ length: 30 }, (_, index) => recordOf(index).id));
      expect(pages).toBe(5);
      expect((await stint.listRuns({ limit: 30 })).next).toBeNull();
      expect((await stint.listRuns({ limit: 5, open: true })).runs.map(({ id }) => id)).toEqual(['r-0000']);
      await expect(stint.listRuns({ limit: 5, cursor: 'none' })).rejects.toMatchObject({
        code: 'wrong-option',
      });
    });

    test('errors are the same, with what was found and what to do', async () => {
      const { stint } = await open();
      await expect(stint.getRun({ run: 'r-9' })).rejects.toMatchObject({
        kind: 'not-found',
        problems: [{ code: 'no-such-run', where: 'r-9', todo: 'list the runs with `stint runs ls`' }],
      });
      await expect(stint.getRun({ run: 'r-000' })).rejects.toMatchObject({ code: 'ambiguous-run' });
      await expect(stint.revokeToken({ name: 'nobody' })).rejects.toMatchObject({ code: 'no-such-token' });
    });

    test('asking twice to cancel asks once, and one that is at rest is not asked', async () => {
      const { stint, workplace } = await open();
      const asked = async () => (await stint.cancelRuns({ runs: ['r-0000', 'r-0001'] })).runs;
      expect(await asked()).toEqual(await asked());
      expect((await asked()).map((run) => run.asked)).toEqual([true, false]);
      expect(await workplace.store.requests.askedAt('r-0000', 'cancel')).toBe(NOW);
      expect(await workplace.store.requests.askedAt('r-0001', 'cancel')).toBeNull();
    });

    test('one that was interrupted has nobody to be asked: it is stopped at once, and can still be resumed', async () => {
      const { stint, workplace } = await open();
      const { seq } = await workplace.store.runs.state('r-0000');
      await workplace.store.runs.append('r-0000', seq, NOW, [
        { type: 'interrupted', message: 'its process is gone' },
      ]);
      const { runs } = await stint.cancelRuns({ runs: ['r-0000'] });
      expect(runs).toEqual([
        { id: 'r-0000', asked: false, settled: true, summary: 'stopped: cancelled by a person' },
      ]);
      expect(await workplace.store.requests.askedAt('r-0000', 'cancel')).toBeNull();
      const { state, resumable } = await stint.getRun({ run: 'r-0000' });
      expect([state, resumable]).toEqual(['stopped', true]);
      await stint.cancelRuns({ runs: ['r-0000'] });
      expect((await workplace.store.runs.state('r-0000')).seq).toBe(seq + 2);
    });

    test('for a caller of one team, runs and checkpoints of another are not there', async () => {
      const { stint, workplace } = await open(RED);
      const { runs } = await stint.listRuns({ limit: 100 });
      expect(runs.map(({ id }) => id)).toEqual(
        Array.from({ length: 15 }, (_, index) => recordOf(index * 2).id),
      );
      expect((await stint.listRuns({ limit: 100, team: 'blue' })).runs).toEqual([]);
      await expect(stint.getRun({ run: 'r-0001' })).rejects.toMatchObject({ code: 'no-such-run' });
      await expect(stint.cancelRuns({ runs: ['r-0000', 'r-0001'] })).rejects.toMatchObject({
        code: 'no-such-run',
      });
      expect(await workplace.store.requests.askedAt('r-0000', 'cancel')).toBeNull();
      const { checkpoints } = await stint.listCheckpoints({});
      expect(checkpoints.map(({ run }) => run)).toEqual(['r-0000']);
      const blue = checkpoint('r-0001').digest;
      await expect(stint.getCheckpoint({ checkpoint: blue })).rejects.toMatchObject({
        code: 'no-such-checkpoint',
      });
      await expect(stint.verifyLedger({})).rejects.toMatchObject({ code: 'not-allowed' });
      // What was held is of another team's run.
      expect((await stint.sumCost({ by: ['run'] })).rows).toEqual([]);
      await expect(stint.sumCost({ by: ['run'], runs: ['r-0001'] })).rejects.toMatchObject({
        code: 'no-such-run',
      });
      const all = await (await reach(workplace, OWNER)).sumCost({ by: ['run'] });
      expect(all.rows.map(({ key }) => key.run)).toEqual(['r-0001']);
      await expect(stint.compareRuns({ runs: ['r-0001'] })).rejects.toMatchObject({ code: 'no-such-run' });
      await expect(stint.resumeRuns({ runs: ['r-0001'] })).rejects.toMatchObject({ code: 'no-such-run' });
    });

    test('where runs went apart, and what they answered, is for whoever sees both', async () => {
      const { stint } = await open();
      expect((await stint.listFlips({ run: 'r-0001', against: 'r-0003' })).flips).toMatchObject([
        { benchmark: 'sums', control: 'budget', budget: 8, gained: [], lost: [2], n: 2 },
      ]);
      expect(await stint.listPartings({ runs: ['r-0001', 'r-0003'] })).toMatchObject({
        answers: 2,
        notCompared: [0, 0],
        drawnAlike: true,
        partings: [{ question: 2, sample: 1, token: 1, tokens: [0, 1] }],
      });
      const { answers } = await stint.listAnswers({ run: 'r-0001', question: 2 });
      expect(answers).toMatchObject([{ number: 2, question: 'What is 1 + 1?', answer: '0', correct: 0 }]);
      await expect(stint.listAnswers({ run: 'r-0001', question: 3 })).rejects.toMatchObject({
        code: 'no-such-question',
      });
      await expect(stint.listPartings({ runs: ['r-0001'] })).rejects.toMatchObject({ code: 'wrong-option' });
      const twice = [
        stint.listPartings({ runs: ['r-0001', 'r-0001'] }),
        stint.listFlips({ run: 'r-0001', against: 'r-0001' }),
      ];
      for (const each of twice)
        await expect(each).rejects.toMatchObject({ code: 'run-compared-with-itself' });
      await expect(stint.listAnswers({ run: 'r-0005', question: 1 })).rejects.toMatchObject({
        code: 'not-evaluated',
      });
      await expect(stint.listFlips({ run: 'r-0001', against: 'r-0005' })).rejects.toMatchObject({
        code: 'not-evaluated',
      });
      const red = await open(RED);
      const asked = [
        red.stint.listFlips({ run: 'r-0001', against: 'r-0003' }),
        red.stint.listPartings({ runs: ['r-0001', 'r-0003'] }),
        red.stint.listAnswers({ run: 'r-0001', question: 1 }),
      ];
      for (const each of asked) await expect(each).rejects.toMatchObject({ code: 'no-such-run' });
    });

    test('a sweep is planned as the arms that it stands for would be', async () => {
      const { stint } = await open();
      const { points } = await stint.planSweep(SWEEP);
      expect(points.map(({ value }) => value)).toEqual([32, 128]);
      const { plan } = await stint.planRuns(SUBMISSION);
      const whole = 'arms' in plan ? plan.arms[0]?.plan : plan;
      const same = { ...SWEEP, variants: [{ value: 0, recipe: SWEEP.recipe, seen: null }] };
      expect((await stint.planSweep(same)).points[0]?.gpuHours).toEqual(whole?.gpuHours);
    });

    test('on nodes, what is of other teams is told without a name, and nothing that no store knows is released', async () => {
      const all = await (await open()).stint.listNodes({ cluster: 'h100-16' });
      expect(all.nodes[0]?.holders.map(({ run }) => run)).toEqual(['other', 'r-elsewhere', 'r-of-red']);
      expect(all.strays.map(({ run }) => run)).toEqual(['r-of-red', 'r-elsewhere']);
      const { stint } = await open(RED);
      const seen = await stint.listNodes({ cluster: 'h100-16' });
      expect(seen.nodes[0]?.holders).toEqual([{ run: 'other', devices: 6 }]);
      expect(seen.strays).toEqual([]);
      const { stint: admin } = await open({ ...RED, role: 'admin' });
      for (const run of ['r-0001', 'r-none'])
        await expect(admin.releaseRun({ run, cluster: 'h100-16' })).rejects.toMatchObject({
          problems: [{ code: 'not-allowed', what: '"ann" may act for team red only' }],
        });
    });

    test('a profile that the server does not know is looked at for an admin alone', async () => {
      const cluster = { kind: 'Cluster' };
      const { stint } = await open(RED);
      for (const ask of [() => stint.examineCluster({ cluster }), () => stint.listNodes({ cluster })])
        await expect(ask()).rejects.toMatchObject({ kind: 'invalid' });
      await expect(stint.listNodes({ cluster: './mine.yaml' })).rejects.toMatchObject({
        code: 'no-such-cluster',
      });
    });
  });
}

/** A token's text is new each time, and so is the id of a run. */
const withoutChance = (json: string): string =>
  json.replace(/stint_[\w-]{43}/, 'stint_…').replace(/r-[0-9a-z]{12}/g, 'r-…');
