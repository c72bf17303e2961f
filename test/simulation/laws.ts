import { type PodStatement, type Statement, statement } from '../../orchestrator/ledger/statement.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { canonicalJson } from '../../orchestrator/recipe/canonical.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import { MAX_RETRIES } from '../../orchestrator/run/max-retries.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import type { Run } from '../../orchestrator/run/state.ts';
import { watchedTo } from '../ledger/watched-to.ts';
import type { Chance } from './chance.ts';
import { expectedEnds } from './expected-ends.ts';
import type { FaultKind } from './faults.ts';
import type { Life } from './life.ts';
import { inRecord, type Pod } from './records.ts';
import type { World } from './world.ts';

/** How the ledger stands to the truth. Times in milliseconds, of one pod. */
export interface Drift {
  /** Their held time is the record's, to the millisecond. */
  readonly exactPods: number;
  /** Nobody saw them end: what of their time is in doubt is said. */
  readonly doubtfulPods: number;
  /** Bound and taken away by force while no controller looked: nothing was ever known of them. */
  readonly unseenPods: number;
  readonly largestDoubtfulDrift: number;
}

export interface Verdict extends Drift {
  readonly run: Run;
  readonly problems: readonly string[];
}

interface Case {
  readonly world: World;
  readonly store: Store;
  readonly record: RunRecord;
  readonly injected: readonly FaultKind[];
  readonly chance: Chance;
}

/** What must be so at the end, whatever happened. */
export async function judge({ world, store, record, injected, chance }: Case): Promise<Verdict> {
  const problems: string[] = [];
  const claim = (isSo: boolean, what: string) => void (isSo || problems.push(what));
  const events = await store.runs.events(record.id);
  const run = foldRun(events);
  const facts = await store.ledger.facts([record.id]);
  const now = world.clock.now();
  const told = statement(facts, watchedTo(now));

  const state = run.state.kind === 'failed' ? `failed: ${run.state.exitClass}` : run.state.kind;
  const expected = expectedEnds(run, injected);
  claim(
    expected.includes(state),
    `it is ${state}, and could be ${expected.join(', ')}: ${JSON.stringify(run.state)}`,
  );
  claim(run.released, 'it is not released');
  claim(run.retries <= MAX_RETRIES + 1, `it was tried again ${run.retries} times`);
  for (const pod of world.pods)
    claim(pod.gone || !pod.retained, `the record of ${pod.name} is kept for ever`);
  for (const job of world.jobs) claim(job.gone || !job.retained, `${job.name} is kept for ever`);
  claim(told.unbound.length === 0, 'a pod has facts, and none of its binding');

  const shuffled = facts.toSorted(() => chance.between(0, 2) - 1);
  claim(
    canonicalJson(statement([...shuffled, ...facts.slice(0, 5)], watchedTo(now))) === canonicalJson(told),
    'the order of facts matters',
  );
  const recomputed = told.pods.reduce((sum, { phases }) => sum + (phases.recomputing ?? 0), 0);
  claim(recomputed === 0 || world.training.lostSteps > 0, 'work counts as done again, and none was lost');
  sameLives(world, told, claim);
  return { run, problems, ...driftOf(world, told, unlessForgotten(injected, claim)) };
}

type Claim = (isSo: boolean, what: string) => void;

/** That a node had fallen silent before a person let its pod go is known to nobody once the store is lost, too. */
const unlessForgotten =
  (injected: readonly FaultKind[], claim: Claim): Claim =>
  (isSo, what) =>
    claim(isSo || (injected.includes('store lost') && what.endsWith(BILLED_LONGER)), what);

const BILLED_LONGER = 'is billed for longer than it lived';

/** An attempt is a life of the gang: its pods have one number, and no other life has it, unless its records were taken away. */
function sameLives(world: World, { pods }: Statement, claim: Claim): void {
  const lives = new Map<string, Set<Life>>();
  for (const { pod: uid, stage, attempt } of pods) {
    const pod = world.pods.find((each) => each.uid === uid);
    if (pod === undefined) throw new Error(`${uid} never was`);
    const key = `${stage} ${attempt}`;
    lives.set(key, (lives.get(key) ?? new Set<Life>()).add(pod.life));
  }
  // Records have whole seconds: of a gang that was never whole, the next one may be told apart by nothing.
  const vague = world.pods.filter(({ forceDeleted, boundAt }) => forceDeleted || boundAt === null);
  const unclear = new Set(vague.map(({ life }) => life));
  for (const [attempt, of] of lives)
    claim(of.size === 1 || [...of].some((life) => unclear.has(life)), `${attempt} is ${of.size} lives`);
}

function driftOf(world: World, told: Statement, claim: Claim): Drift {
  const known = new Map(told.pods.map((pod) => [pod.pod, pod]));
  const drift = { exactPods: 0, doubtfulPods: 0, unseenPods: 0, largestDoubtfulDrift: 0 };
  for (const pod of world.pods) {
    if (pod.boundAt === null) continue;
    const found = known.get(pod.uid);
    if (found === undefined) {
      claim(pod.forceDeleted, `nothing is known of ${pod.name}`);
      drift.unseenPods += 1;
    } else if (found.end === 'seen') {
      exact(pod, found, claim);
      drift.exactPods += 1;
    } else {
      drift.doubtfulPods += 1;
      drift.largestDoubtfulDrift = Math.max(drift.largestDoubtfulDrift, bounded(pod, found, claim));
    }
  }
  return drift;
}

function exact(pod: Pod, found: PodStatement, claim: Claim): void {
  const [from, to] = [pod.boundAt ?? 0, pod.record.endedAt ?? 0];
  const isSame =
    found.from === from && found.to === to && found.gpuMilliseconds === (to - from) * pod.devices;
  claim(isSame, `${pod.name} held from ${from} to ${to}, and the ledger says ${found.from} to ${found.to}`);
  claim(found.doubtfulMilliseconds === 0, `${pod.name} was seen to end, and is in doubt`);
}

/** Where nobody saw the end, the truth lies within the doubt: after the last sign of life, before the proof of death. */
function bounded(pod: Pod, found: PodStatement, claim: Claim): number {
  const { record, node, endedTrue, devices, forceDeleted, name } = pod;
  claim(found.end === 'doubtful', `${name} has ended, and the ledger does not know it`);
  claim(found.from === pod.boundAt, `${name} is held from another time`);
  const skewed = Math.abs(node?.skew ?? 0) + 1_000;
  if (pod.releasedAlive) {
    // Nobody hears of its end any more: sure is only that it is not billed for longer than it lived.
    claim(endedTrue === null || found.to <= endedTrue + skewed, `${name} ${BILLED_LONGER}`);
    return 0;
  }
  const isProven = record.phase === 'lost';
  claim(isProven || forceDeleted, `the end of ${name} is in its record, and was not seen`);
  if (isProven && !forceDeleted)
    claim(found.doubtUntil === record.endedAt, `${name} is in doubt until another time than its record says`);
  const skew = node?.skew ?? 0;
  const off = Math.min(...endsOf(pod, isProven).map((end) => Math.abs(found.to - end)));
  const doubt = devices === 0 ? off : found.doubtfulMilliseconds / devices;
  // A node's clock and the API server's differ, and records have whole seconds.
  claim(
    off <= doubt + Math.abs(skew) + 1_000,
    `${name} is off by ${off} ms, and only ${doubt} ms are said to be in doubt`,
  );
  return off;
}

/** A record that was taken away by force was read by nobody: signs of life are by the clock of who saw them, or by the node's. */
function endsOf({ record, node, endedTrue, forceDeleted }: Pod, isProven: boolean): readonly number[] {
  const inTruth = endedTrue ?? 0;
  if (isProven) return [inTruth];
  const asRecorded = record.endedAt ?? inRecord(inTruth + (node?.skew ?? 0));
  return forceDeleted ? [inTruth, asRecorded] : [asRecorded];
}
