// An evaluation of what a hub has: prepare looks at it on processors, and its plan is judged again before a device is held.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OWNER } from '../../orchestrator/contract/caller.ts';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import { recordRuns } from '../../orchestrator/controller/record-runs.ts';
import { findLostRuns, recordFinding } from '../../orchestrator/controller/recover-runs.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { compareRuns } from '../../orchestrator/operations/compare-runs.ts';
import { makeEvaluationPlan } from '../../orchestrator/plan/make-evaluation-plan.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { layAnswers } from '../kubernetes/simulated/lay-results.ts';
import { asksHub } from '../plan/hub-models.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { shellWorkplace } from './shell-runs.ts';

const never = new AbortController().signal;
const LAPTOP = await loadProfile('laptop');
const SHA256 = `sha256:${'c'.repeat(64)}`;

/** A run whose prepare stage finds prompts as long as that. */
async function attended(longestPromptTokens: number) {
  const home = temporaryFolder();
  const open = async (name: string) => {
    const store = await openStore(join(home, name));
    onTestFinished(() => store.close());
    return shellWorkplace({ store, home, isAlive: () => false });
  };
  const workplace = await open('first.db');
  const recipe = asksHub({ questions: true });
  const arm = {
    name: recipe.name,
    value: null,
    recipe,
    recipeDigest: 'd',
    inputs: { model: null, dataset: null, benchmarks: [] },
  };
  const plan = makeEvaluationPlan(recipe, 'd', LAPTOP);
  const [record] = await recordRuns(workplace, { recipe, arms: [arm] }, LAPTOP, [plan]);
  if (record === undefined) throw new Error('a run was expected');
  layAnswers(workplace.workFolder(record), recipe, {
    inputs: {
      model: { name: 'org/model', sha256: SHA256 },
      benchmarks: [{ name: 'sums', sha256: SHA256 }],
    },
    benchmarks: [{ name: 'sums', rows: 2, longestPromptTokens }],
  });
  const told: string[] = [];
  const onProgress = (each: { readonly kind: string; readonly message?: string }) =>
    each.kind === 'planned' && told.push(each.message ?? '');
  const run = await attendRun(workplace, record, { interrupt: never, force: never, onProgress });
  const events = (await workplace.store.runs.events(record.id)).map(({ event }) => event);
  return { workplace, record, run, events, told, afresh: () => open('second.db') };
}

test('prepare comes before evaluate, and the plan is made again from what it has found', async () => {
  const { workplace, record, run, events, told } = await attended(40);
  expect(run.state.kind).toBe('succeeded');
  expect(events.map((event) => ('stage' in event ? `${event.type} ${event.stage}` : event.type))).toEqual([
    'stage-launched prepare',
    'plan-reviewed',
    'attempt-ended prepare',
    'stage-launched evaluate',
    'evaluation-recorded',
    'attempt-ended evaluate',
    'succeeded',
  ]);
  const reviewed = events.flatMap((event) => (event.type === 'plan-reviewed' ? [event.plan] : []));
  expect(reviewed).toMatchObject([
    { inputs: { model: { sha256: SHA256 }, dataset: null, benchmarks: [{ sha256: SHA256 }] } },
  ]);
  expect(reviewed[0]?.gpuHours.high).toBeLessThan(record.plan.gpuHours.high);
  expect(told).toEqual([expect.stringMatching(/^planned again .*device-hours.*; announced were/)]);
  const desk = { workplace, caller: OWNER };
  const { comparison } = await compareRuns(desk, { runs: [record.id] });
  expect(comparison.arms.map((arm) => arm.run)).toEqual([record.id]);
});

test('questions that leave no room are refused before a device is held', async () => {
  const { run, events } = await attended(250);
  expect(run.state).toMatchObject({ kind: 'failed', stage: 'prepare', failure: 'configuration' });
  expect(events.filter(({ type }) => type === 'stage-launched')).toHaveLength(1);
});

test('what prepare has found is taken over again where the store was lost', async () => {
  const { record, events, afresh } = await attended(40);
  const again = await afresh();
  for await (const found of findLostRuns(again, LAPTOP)) await recordFinding(again, found);
  expect((await again.store.runs.events(record.id)).map(({ event }) => event)).toEqual(events);
});
