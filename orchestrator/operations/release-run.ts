import { seesTeam } from '../contract/caller.ts';
import type { Answer, Question } from '../contract/routes.ts';
import { podStatements } from '../controller/held-by-phase.ts';
import { isAttended } from '../controller/is-attended.ts';
import { settleReleased } from '../controller/settle-released.ts';
import { sightOfLeases } from '../controller/sight.ts';
import type { LeftOnCluster } from '../controller/surveyor.ts';
import type { Workplace } from '../controller/workplace.ts';
import { type Leftovers, unsettledGpuMilliseconds } from '../doctor/leftovers.ts';
import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { isSettled } from '../run/is-settled.ts';
import type { RunRecord } from '../run/run-record.ts';
import { requireAllTeams } from './require-all-teams.ts';
import { type SurveyDesk, surveyedProfile } from './survey-desk.ts';

type Asked = Question<'releaseRun'>;

/** What a cluster keeps of a run. @throws StintError as `releaseRun`. */
export async function findLeftovers(desk: SurveyDesk, asked: Asked): Promise<Answer<'findLeftovers'>> {
  const { profile, left, unsettled, lost } = await whatIsLeft(desk, asked);
  return {
    run: asked.run,
    cluster: profile.name,
    left: plain(left),
    settles: unsettled !== undefined,
    lostGpuMilliseconds: lost,
    graceSeconds: profile.grace,
  };
}

/**
 * Takes everything of a run away from its cluster. A run of this store that is not settled is settled with it.
 *
 * @throws StintError `no-such-run` where no cluster is known for it, `run-is-held`, `nothing-to-release`, and as `settleReleased`.
 */
export async function releaseRun(desk: SurveyDesk, asked: Asked): Promise<Answer<'releaseRun'>> {
  const { left, unsettled, lost, onCluster } = await whatIsLeft(desk, asked);
  const { run } = asked;
  if (unsettled === undefined) {
    await onCluster.release();
    return { run, released: plain(left), lostGpuMilliseconds: lost, warnings: [] };
  }
  const warnings: string[] = [];
  const { held, doubtful } = await settleReleased(unsettled.workplace, unsettled.record, {
    remove: onCluster.release,
    interrupt: desk.site.interrupt,
    onWarning: (message) => warnings.push(message),
  });
  return {
    run,
    released: plain(left),
    gpuMilliseconds: held,
    doubtfulGpuMilliseconds: doubtful,
    warnings,
  };
}

interface Known {
  readonly workplace: Workplace;
  readonly record: RunRecord;
}

interface Left {
  readonly profile: ClusterProfile;
  readonly left: Leftovers;
  /** The run, where this store knows it and does not have all of it. */
  readonly unsettled: Known | undefined;
  /** Device time that no ledger would have; GPU-milliseconds. */
  readonly lost: number;
  readonly onCluster: LeftOnCluster;
}

async function whatIsLeft(desk: SurveyDesk, asked: Asked): Promise<Left> {
  const { run } = asked;
  const workplace = await desk.openWorkplace();
  const record = await knownRun(desk, workplace, run);
  // What no store knows may be anybody's.
  if (record === undefined) requireAllTeams(desk.caller, 'a run that is not of its store may be of any team');
  const profile = await profileOf(desk, record, asked);
  const { backend, device } = profile;
  if (backend.kind !== 'kubernetes') throw nothingKept(run, profile);
  if (workplace && record && (await isAttended(workplace, record))) throw atWork(run);
  const onCluster = desk.site.leftovers(backend, device.resource, run);
  const left = await onCluster.find();
  const unsettled = workplace && record ? await unsettledRun({ workplace, record }) : undefined;
  if (left.owners.length + left.pods.length === 0 && !unsettled) throw nothingKept(run, profile);
  const lost = unsettledGpuMilliseconds(left, await settledPods(workplace, run));
  return { profile, left, unsettled, lost, onCluster };
}

async function knownRun(
  { caller }: SurveyDesk,
  workplace: Workplace | undefined,
  run: string,
): Promise<RunRecord | undefined> {
  const record = (await workplace?.store.runs.find(run)) ?? undefined;
  return record !== undefined && seesTeam(caller, record.recipe.team) ? record : undefined;
}

/** Unless it is at rest, and its cluster was told that it may forget it. */
async function unsettledRun(known: Known): Promise<Known | undefined> {
  const { run } = await known.workplace.store.runs.state(known.record.id);
  return isSettled(run, true) ? undefined : known;
}

async function settledPods(workplace: Workplace | undefined, run: string): Promise<ReadonlySet<string>> {
  const pods = workplace ? await podStatements(workplace, await sightOfLeases(workplace), [run]) : [];
  return new Set(pods.filter(({ end }) => end !== 'open').map(({ pod }) => pod));
}

async function profileOf(
  desk: SurveyDesk,
  record: RunRecord | undefined,
  { run, cluster }: Asked,
): Promise<ClusterProfile> {
  if (cluster !== undefined) return surveyedProfile(desk, { cluster });
  if (record) return record.profile;
  throw new StintError({
    code: 'no-such-run',
    where: run,
    what: `this store knows no run "${run}", so it does not know on which cluster it is`,
    todo: 'name the cluster: `--cluster PROFILE`',
  });
}

const plain = ({ owners, pods }: Leftovers) => ({ owners: [...owners], pods: [...pods] });

const nothingKept = (run: string, { name }: ClusterProfile): StintError =>
  new StintError({
    code: 'nothing-to-release',
    where: run,
    what: `${name} keeps nothing of a run "${run}"`,
    todo: '`stint nodes --cluster PROFILE` lists pods without a run',
  });

const atWork = (run: string): StintError =>
  new StintError({
    code: 'run-is-held',
    where: run,
    what: `a stint process works on ${run}, and would make again what is taken away`,
    todo: `end it with \`stint runs cancel ${run}\`, which settles its time and lets its objects go`,
  });
