import { covers } from '../../../budget/book.ts';
import { numberOf, ofLimitText, overrunOf, quantityText, unitName } from '../../../budget/limit.ts';
import type { BudgetLine } from '../../../budget/standing.ts';
import { heldMilliseconds, heldPhases } from '../../../comparison/held-time.ts';
import { elsewhere, machineOf } from '../../../controller/elsewhere.ts';
import { podStatements } from '../../../controller/held-by-phase.ts';
import { type Look, lookAtRun } from '../../../controller/look-at-run.ts';
import { lookAtUnattended } from '../../../controller/look-at-unattended.ts';
import { ownBudget } from '../../../controller/own-budget.ts';
import { scopeOf } from '../../../controller/uses-as-seen.ts';
import { runBudgets } from '../../../controller/watch-budgets.ts';
import type { Workplace } from '../../../controller/workplace.ts';
import { heldByPhase } from '../../../ledger/held-time.ts';
import type { PodStatement } from '../../../ledger/statement.ts';
import type { Plan } from '../../../plan/plan.ts';
import { attemptsOf } from '../../../run/attempts.ts';
import { warningText } from '../../../run/budget-standing.ts';
import { currentPlan } from '../../../run/current-plan.ts';
import type { RecordedEvent } from '../../../run/event.ts';
import { foldRun } from '../../../run/evolve.ts';
import { isAtRest } from '../../../run/state.ts';
import type { RunRecord } from '../../../store/port.ts';
import { formatDeviceTime, formatDuration, formatPercent } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { describeNow } from '../../describe-state.ts';
import { printJson } from '../../output.ts';
import { type Fact, renderFacts } from '../../render/facts.ts';
import { findRun } from '../../run-reference.ts';

/** `stint runs show RUN`: its state, its attempts and why each ended, its steps, the device time it held. */
export async function show(
  reference: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { store, now } = workplace;
  const { output } = context;
  const record = await findRun(store, reference);
  const events = await store.runs.events(record.id);
  const run = foldRun(events);
  const attempts = attemptsOf(events);
  const steps = await store.steps.reached(record.id);
  const look = await lookAtRun(workplace, record);
  const { sight, pods, phases, gpuMilliseconds, doubtful } = await heldOf(workplace, record, look);
  const planned = currentPlan(record.plan, events);
  const lines = await runBudgets(workplace, sight, record, ownBudget(record, run));
  const host = elsewhere(workplace, record);
  const warnings = events.flatMap(({ at, event }) => {
    if (event.type === 'warned') return [{ at, message: event.message }];
    // Of budgets, the lines below say how they stand now.
    return event.type === 'budget-warned' && event.isPlan ? [{ at, message: warningText(event) }] : [];
  });
  const prediction = predictionOf(events);
  if (options.json) {
    const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());
    printJson(output, {
      id: record.id,
      recipe: record.name,
      recipeDigest: record.recipeDigest,
      arm: record.arm,
      ablation: record.ablation?.id ?? null,
      factor: record.factor,
      cluster: record.profile.name,
      state: run.state.kind,
      status: look.status,
      obstacles: look.obstacles.map(({ since, what, limit }) => ({
        since: iso(since),
        what,
        endedAt: iso(limit?.at ?? null),
      })),
      warnings: warnings.map(({ at, message }) => ({ at: iso(at), message })),
      message: 'message' in run.state ? run.state.message : null,
      attempts: attempts.map((attempt) => ({
        ...attempt,
        startedAt: iso(attempt.startedAt),
        endedAt: iso(attempt.endedAt),
      })),
      steps,
      plannedSteps: planned.steps,
      plannedGpuHours: planned.gpuHours,
      inputs: planned.inputs,
      gpuMilliseconds,
      doubtfulGpuMilliseconds: doubtful,
      prediction,
      budgets: lines.map(lineJson),
      phases,
      checkpoint: run.checkpoint,
      host: record.host,
      workFolder: host === null ? workplace.workFolder(record) : null,
    });
    return 0;
  }
  const facts: readonly Fact[] = [
    ['run', nameText(record)],
    ['recipe', `${record.name}  ${record.recipeDigest}`],
    ...(record.factor
      ? [['factor', `${record.factor.path} = ${JSON.stringify(record.factor.value)}`] as const]
      : []),
    ['cluster', record.profile.name],
    ['state', describeNow(run.state, look.status)],
    ...statusFacts(look, now()),
    ...warnings.map(({ at, message }) => ['warning', `${message} (${new Date(at).toISOString()})`] as const),
    ...readFacts(planned),
    ['steps', `${steps} of ${planned.steps}`],
    ['held', formatDeviceTime(gpuMilliseconds)],
    ...doubtFacts(pods),
    ...(prediction ? [['trained', predictionText(prediction)] as const] : []),
    ...heldPhases(phases).map(([phase, time]) => [`  ${phase}`, formatDeviceTime(time)] as const),
    ...lines.map((line): Fact => ['budget', lineText(line)]),
    ['checkpoint', run.checkpoint ?? 'none yet'],
    ['files', host === null ? workplace.workFolder(record) : `on ${machineOf(host)}`],
    ...attempts.map((attempt) => {
      const seconds = ((attempt.endedAt ?? now()) - attempt.startedAt) / 1000;
      return [
        `attempt ${attempt.number}`,
        `${formatDuration(seconds)}: ${attempt.cause ?? 'running'}`,
      ] as const;
    }),
  ];
  output.print(renderFacts(facts));
  const { state } = run;
  // Of one that its budget has ended, the state says how.
  const isOverBudget = state.kind === 'failed' && state.failure === 'budget';
  if (isAtRest(state) && state.kind !== 'succeeded' && !isOverBudget)
    output.tell(
      `Go on${host === null ? '' : `, on ${machineOf(host)},`} with: stint runs resume ${record.id}`,
    );
  return 0;
}

/** What its pods have held, by the look; and what budgets that it shares with others have to know of these. */
async function heldOf(workplace: Workplace, record: RunRecord, look: Look) {
  const budgets = await workplace.store.budgets.list();
  const isShared = budgets.some((budget) => covers(budget, scopeOf(record.recipe)));
  const sight = await lookAtUnattended(workplace, isShared ? undefined : [], [{ record, look }]);
  const pods = await podStatements(workplace, sight, [record.id]);
  const phases = heldByPhase(pods);
  const doubtful = pods.reduce((sum, { doubtfulMilliseconds }) => sum + doubtfulMilliseconds, 0);
  return { sight, pods, phases, gpuMilliseconds: heldMilliseconds(phases), doubtful };
}

/** Time that nobody can tell of, and since when. */
function doubtFacts(pods: readonly PodStatement[]): readonly Fact[] {
  const doubtful = pods.filter(({ doubtfulMilliseconds }) => doubtfulMilliseconds > 0);
  if (doubtful.length === 0) return [];
  const time = doubtful.reduce((sum, { doubtfulMilliseconds }) => sum + doubtfulMilliseconds, 0);
  const since = new Date(Math.min(...doubtful.map(({ to }) => to))).toISOString();
  const which = doubtful.length === 1 ? '1 pod was' : `${doubtful.length} pods were`;
  return [
    [
      'in doubt',
      `${formatDeviceTime(time)} beside it, billed to nobody: ${which} last known to live at ${since} or later`,
    ],
  ];
}

/** What it reads, where its content is known. */
function readFacts({ inputs }: Plan): readonly Fact[] {
  if (inputs === undefined) return [];
  const { model, dataset, benchmarks } = inputs;
  return [model, dataset, ...benchmarks]
    .filter((input) => input !== null)
    .flatMap(({ name, sha256 }): readonly Fact[] =>
      sha256 === null ? [] : [['reads', `${name}  ${sha256}`]],
    );
}

function lineText({ text, unit, used, limit }: BudgetLine): string {
  const overrun = overrunOf({ used, limit });
  const share = formatPercent(Number(used) / Number(limit));
  const over = overrun > 0n ? `; overrun by ${quantityText(unit, overrun)} while it saved and ended` : '';
  return `${ofLimitText({ unit, limit }, used)} (${share}) of ${text}${over}`;
}

const lineJson = ({ budget, unit, used, limit }: BudgetLine) => ({
  budget,
  unit: unitName(unit),
  used: numberOf(unit, used),
  limit: numberOf(unit, limit),
  overrun: numberOf(unit, overrunOf({ used, limit })),
});

/** What it waits for, or why that is not known. */
function statusFacts({ obstacles, why }: Look, now: number): readonly Fact[] {
  return [
    ...(why === undefined ? [] : [['unknown', why] as const]),
    ...obstacles.map(({ since, what, limit }): Fact => {
      const lasted = `for ${formatDuration(Math.max(0, now - since) / 1000)}`;
      const left =
        limit && `; the attempt is ended for it in ${formatDuration(Math.max(0, limit.at - now) / 1000)}`;
      return ['waits', `${what} (${lasted}${left ?? ''})`];
    }),
  ];
}

const nameText = ({ id, arm, ablation }: RunRecord): string =>
  ablation === null ? id : `${id}, arm ${arm} of ${ablation.name} (${ablation.id})`;

interface Prediction {
  readonly predicted: number;
  readonly actual: number;
}

function predictionOf(events: readonly RecordedEvent[]): Prediction | null {
  const measured = events.map(({ event }) => event).findLast(({ type }) => type === 'prediction-measured');
  if (measured?.type !== 'prediction-measured') return null;
  return { predicted: measured.predicted, actual: measured.actual };
}

const predictionText = ({ predicted, actual }: Prediction): string =>
  `in ${formatDeviceTime(actual)}, ${(actual / predicted).toFixed(2)} × what the time model expected (${formatDeviceTime(predicted)})`;
