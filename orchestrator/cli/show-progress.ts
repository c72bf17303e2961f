import { describeState } from '../run/describe-state.ts';
import type { OnProgress, Progress as RunProgress } from '../run/progress.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Output } from './output.ts';
import { preflightLine } from './render/preflight-line.ts';
import { type ProgressFigures, plainProgress, progressLine } from './render/progress-line.ts';

/** Off a terminal a line stays, so one is written no more often than this. */
const PLAIN_MILLISECONDS = 5_000;
const REDRAW_MILLISECONDS = 100;
const TICK_MILLISECONDS = 500;
/** A step's time is smoothed over about this many steps. */
const SMOOTHING = 20;

type Shown = ProgressFigures & {
  readonly startedAt: number;
  readonly phase: string | null;
  readonly shownAt: number;
};

const begun = (name: string, stage: string, at: number): Shown => ({
  name,
  stage,
  done: null,
  total: null,
  loss: null,
  tokensPerSecond: null,
  elapsedSeconds: 0,
  stepSeconds: null,
  startedAt: at,
  phase: null,
  shownAt: 0,
});

/**
 * Draws what goes on: one line that changes on a terminal, a plain line now and then elsewhere. Of runs that go on side by side a
 * terminal's one line is that of the first; elsewhere each has its own lines, the less often the more they are.
 */
export function showProgress(
  output: Output,
  records: readonly Pick<RunRecord, 'id' | 'arm'>[],
  now: () => number,
): OnProgress {
  const names = new Map(records.map((record) => [record.id, record.arm]));
  const nameOf = (run: string) => names.get(run) ?? run;
  const running = new Map<string, Shown>();
  let ticking: NodeJS.Timeout | undefined;

  function draw(run: string): void {
    const current = running.get(run);
    if (current === undefined) return;
    const at = now();
    const pause = output.isTerminal ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS * running.size;
    if (at - current.shownAt < pause) return;
    running.set(run, { ...current, shownAt: at });
    const { done, stage, phase, startedAt } = current;
    const shownStage = done === null && phase !== null ? `${stage}: ${phase}` : stage;
    const progress = { ...current, stage: shownStage, elapsedSeconds: (at - startedAt) / 1000 };
    if (!output.isTerminal) output.tell(plainProgress(progress));
    else if (run === running.keys().next().value) output.redraw(progressLine(progress, output.width - 1));
  }

  const drawFirst = () => {
    for (const run of running.keys()) return draw(run);
  };

  function onState({ run, state }: RunProgress & { kind: 'state' }): void {
    output.tell(`${nameOf(run)} (${run}): ${describeState(state)}`);
    if (state.kind === 'running') running.set(run, begun(nameOf(run), state.stage, now()));
    else running.delete(run);
    clearInterval(ticking);
    // A stage starts for seconds before it reports; the clock shows that something goes on.
    if (output.isTerminal && running.size > 0) ticking = setInterval(drawFirst, TICK_MILLISECONDS).unref();
  }

  function onEvent({ run, event }: RunProgress & { kind: 'event' }): void {
    const current = running.get(run);
    if (current === undefined) return;
    if (event.event === 'step') {
      const known = current.stepSeconds ?? event.seconds;
      const isFirst = current.done === null; // It pays for what later steps find ready.
      running.set(run, {
        ...current,
        done: event.step,
        total: event.steps,
        loss: event.loss,
        tokensPerSecond: event.tokensPerSecond,
        stepSeconds: isFirst ? null : known + (event.seconds - known) / SMOOTHING,
      });
      draw(run);
    }
    if (event.event === 'phase') running.set(run, { ...current, phase: event.phase });
    if (event.event === 'progress') {
      running.set(run, { ...current, done: event.done, total: event.total });
      draw(run);
    }
    if (event.event === 'preflight') output.tell(preflightLine(event));
    if (event.event === 'note' && event.level !== 'info') output.tell(`${event.level}: ${event.message}`);
  }

  return (progress) => {
    const { run } = progress;
    if (progress.kind === 'state') onState(progress);
    if (progress.kind === 'event') onEvent(progress);
    if (progress.kind === 'waiting' && progress.what !== '')
      output.tell(`${nameOf(run)} (${run}) waits: ${progress.what}`);
    if (progress.kind === 'planned') output.tell(`${nameOf(run)} (${run}): ${progress.message}`);
    if (progress.kind === 'warning') output.tell(`warning: ${progress.message}`);
  };
}
