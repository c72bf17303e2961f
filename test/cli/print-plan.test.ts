import { expect, test } from 'vitest';
import { printPlan } from '../../orchestrator/cli/print-plan.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { arms, plan, profile, recipe, withTraining } from '../plan/fixtures.ts';

const printed = (of: Parameters<typeof plan>[0], on: ClusterProfile) => printPlan(plan(of, on), on);

test('says over which devices weights are sharded', () => {
  expect(printed('s1-32b', profile('h100-16'))).toMatch(/weights +sharded over all 16 devices\n/);
  expect(printed('s1-32b', { ...profile('h200-8'), nodes: 2 })).toMatch(
    /weights +sharded over the 8 devices of a node, whole on each of the 2 nodes\n/,
  );
});

test('says what steps recompute, without modes that none of them needs', () => {
  expect(printed('s1-32b', profile('h100-16'))).toMatch(
    /recompute +all but attention and gates in steps of up to [\d,]+ tokens a rank, all but attention in longer ones\n/,
  );
  expect(printed('s1.1-32b', profile('h100-16'))).toMatch(
    /recompute +all but attention in steps of up to [\d,]+ tokens a rank, everything in longer ones\n/,
  );
  const full = withTraining(recipe('s1-32b'), { recompute: 'full' });
  expect(printed(full, profile('h100-16'))).toMatch(/recompute +everything\n/);
});

test('gives each part of the time that devices are held a line of its own, and none to a part that is not there', () => {
  const lines = (text: string) =>
    text.split('\n').flatMap((line) => /^ {4}(\S+) +\S+ .*\(.* to .*\): \S/.exec(line)?.[1] ?? []);
  const { floors, ...h100 } = profile('h100-16');
  if (floors === undefined) throw new Error('it has floors');
  // On a volume so fast that the load does not hide what blocks take to compile.
  const compiled = printed('s1-32b', { ...h100, floors: { ...floors, diskMBps: 5_000 } });
  expect(lines(compiled)).toEqual(['start-up', 'preflight', 'load', 'compile', 'steps', 'checkpoint']);
  expect(compiled).toContain('the last one holds 65.5 GB of weights');
  const eager = withTraining(recipe('s1-32b'), { compile: false });
  expect(lines(printed(eager, profile('h100-16')))).not.toContain('compile');
});

test('still shows a plan that was recorded before it had parts', () => {
  const now = plan('s1-32b', 'h100-16');
  const { parts: _, partBounds: __, ...duration } = now.duration;
  expect(printPlan({ ...now, duration }, profile('h100-16'))).toMatch(/\n {4}steps +2\.\d+ s each\n/);
});

test('says what goes before devices are held where that takes minutes', () => {
  expect(printed('s1-32b', profile('h100-16'))).toMatch(
    /\n {2}preparing +14 min \d\d s \(.* to .*\) with the model’s weights/,
  );
  for (const arm of arms('quickstart')) expect(printed(arm, profile('laptop'))).not.toContain('preparing');
});
