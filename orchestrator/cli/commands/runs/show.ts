import { heldPhases } from '../../../comparison/held-time.ts';
import type { RunAnswer } from '../../../contract/runs.ts';
import { machineOf } from '../../../controller/elsewhere.ts';
import { shortValueText } from '../../../recipe/value-text.ts';
import { formatDeviceTime, formatDuration } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { type Fact, renderFacts } from '../../render/facts.ts';

/** `stint runs show RUN`: its state, its attempts and why each ended, its steps, the device time it held. */
export async function show(
  reference: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const run = await stint.getRun({ run: reference });
  if (options.json) {
    printJson(output, run);
    return 0;
  }
  output.print(renderFacts(factsOf(run, Date.now())));
  if (run.resumable) {
    const there = elsewhere(run);
    output.tell(`Go on${there === null ? '' : `, on ${there},`} with: stint runs resume ${run.id}`);
  }
  return 0;
}

function factsOf(run: RunAnswer, now: number): readonly Fact[] {
  return [
    ['run', nameText(run)],
    ['recipe', `${run.recipe}  ${run.recipeDigest}`],
    ...(run.factor ? [['factor', `${run.factor.path} = ${shortValueText(run.factor.value)}`] as const] : []),
    ['cluster', run.cluster],
    ['state', run.summary],
    ...waitFacts(run, now),
    ...run.warnings.map(({ at, message }) => ['warning', `${message} (${at})`] as const),
    ...readFacts(run),
    ['steps', `${run.steps} of ${run.plannedSteps}`],
    ...reportedFacts(run, now),
    ['held', formatDeviceTime(run.gpuMilliseconds)],
    ...doubtFacts(run),
    ...(run.prediction ? [['trained', predictionText(run.prediction)] as const] : []),
    ...heldPhases(run.phases).map(([phase, time]) => [`  ${phase}`, formatDeviceTime(time)] as const),
    ...run.budgets.map(({ summary }): Fact => ['budget', summary]),
    ['checkpoint', run.checkpoint ?? 'none yet'],
    ['files', run.workFolder ?? `on ${elsewhere(run)}`],
    ...run.attempts.map(({ number, startedAt, endedAt, cause }): Fact => {
      const until = endedAt === null ? now : Date.parse(endedAt);
      const seconds = Math.max(0, until - Date.parse(startedAt)) / 1000;
      return [`attempt ${number}`, `${formatDuration(seconds)}: ${cause ?? 'running'}`];
    }),
  ];
}

/** The machine that its files are on, where that is another one. */
const elsewhere = ({ workFolder, host }: RunAnswer): string | null =>
  workFolder !== null || host === null ? null : machineOf(host);

/** What a trainer has said of itself, which need not be Stint's. */
function reportedFacts({ reported }: RunAnswer, now: number): readonly Fact[] {
  if (reported === null) return [];
  const { at, progressPercentage, estimatedRemainingSeconds, metrics } = reported;
  const parts = [
    ...(progressPercentage === null ? [] : [`${progressPercentage}%`]),
    ...(estimatedRemainingSeconds === null
      ? []
      : [`about ${formatDuration(estimatedRemainingSeconds)} left`]),
    ...metrics.map(({ name, value }) => `${name} ${value}`),
  ];
  const ago = formatDuration(Math.max(0, now - Date.parse(at)) / 1000);
  return [['reported', `${parts.join(', ') || 'nothing'}; ${ago} ago`]];
}

/** Time that nobody can tell of, and since when. */
function doubtFacts({ doubtfulPods, doubtfulGpuMilliseconds, doubtfulSince }: RunAnswer): readonly Fact[] {
  if (doubtfulSince === null) return [];
  const which = doubtfulPods === 1 ? '1 pod was' : `${doubtfulPods} pods were`;
  return [
    [
      'in doubt',
      `${formatDeviceTime(doubtfulGpuMilliseconds)} beside it, billed to nobody: ${which} last known to live at ${doubtfulSince} or later`,
    ],
  ];
}

/** What it reads, where its content is known. */
function readFacts({ inputs }: RunAnswer): readonly Fact[] {
  if (inputs === undefined) return [];
  const { model, dataset, benchmarks } = inputs;
  return [model, dataset, ...benchmarks]
    .filter((input) => input !== null)
    .flatMap(({ name, sha256 }): readonly Fact[] =>
      sha256 === null ? [] : [['reads', `${name}  ${sha256}`]],
    );
}

/** What it waits for, or why that is not known. */
function waitFacts({ obstacles, unseen }: RunAnswer, now: number): readonly Fact[] {
  return [
    ...(unseen === null ? [] : [['unknown', unseen] as const]),
    ...obstacles.map(({ since, what, endedAt }): Fact => {
      const lasted = `for ${formatDuration(Math.max(0, now - Date.parse(since)) / 1000)}`;
      const left =
        endedAt === null
          ? ''
          : `; the attempt is ended for it in ${formatDuration(Math.max(0, Date.parse(endedAt) - now) / 1000)}`;
      return ['waits', `${what} (${lasted}${left})`];
    }),
  ];
}

const nameText = ({ id, arm, ablation, ablationName }: RunAnswer): string =>
  ablation === null ? id : `${id}, arm ${arm} of ${ablationName} (${ablation})`;

const predictionText = ({ predicted, actual }: NonNullable<RunAnswer['prediction']>): string =>
  `in ${formatDeviceTime(actual)}, ${(actual / predicted).toFixed(2)} × what the time model expected (${formatDeviceTime(predicted)})`;
