import type { OnProgress, Progress as RunProgress } from '../controller/progress.ts';
import type { RunRecord } from '../store/port.ts';
import { describeState } from './describe-state.ts';
import type { Output } from './output.ts';
import { preflightLine } from './render/preflight-line.ts';
import { type Progress, plainProgress, progressLine } from './render/progress-line.ts';

/** Off a terminal a line stays, so one is written no more often than this. */
const PLAIN_MILLISECONDS = 5_000;
const REDRAW_MILLISECONDS = 100;
const TICK_MILLISECONDS = 500;
/** A step's time is smoothed over about this many steps. */
const SMOOTHING = 20;

/** Draws what goes on: one line that changes on a terminal, a plain line now and then elsewhere. */
export function showProgress(output: Output, records: readonly RunRecord[], now: () => number): OnProgress {
  const names = new Map(records.map((record) => [record.id, record.arm]));
  let current: (Progress & { readonly startedAt: number; readonly phase: string | null }) | null = null;
  let shownAt = 0;
  let ticking: NodeJS.Timeout | undefined;

  const begin = (name: string, stage: string) => {
    current = {
      name,
      stage,
      done: null,
      total: null,
      loss: null,
      tokensPerSecond: null,
      elapsedSeconds: 0,
      stepSeconds: null,
      startedAt: now(),
      phase: null,
    };
  };

  function draw(): void {
    if (current === null) return;
    const at = now();
    const pause = output.isTerminal ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS;
    if (at - shownAt < pause) return;
    shownAt = at;
    const { done, stage, phase, startedAt } = current;
    const shownStage = done === null && phase !== null ? `${stage}: ${phase}` : stage;
    const progress = { ...current, stage: shownStage, elapsedSeconds: (at - startedAt) / 1000 };
    if (output.isTerminal) output.redraw(progressLine(progress, output.width - 1));
    else output.tell(plainProgress(progress));
  }

  function onState(progress: RunProgress & { kind: 'state' }): void {
    const name = names.get(progress.run) ?? progress.run;
    output.tell(`${name} (${progress.run}): ${describeState(progress.state)}`);
    current = null;
    clearInterval(ticking);
    if (progress.state.kind !== 'running') return;
    begin(name, progress.state.stage);
    // A stage starts for seconds before it reports; the clock shows that something goes on.
    if (output.isTerminal) ticking = setInterval(draw, TICK_MILLISECONDS).unref();
  }

  function onEvent({ event }: RunProgress & { kind: 'event' }): void {
    if (current === null) return;
    if (event.event === 'step') {
      const known = current.stepSeconds ?? event.seconds;
      const isFirst = current.done === null; // It pays for what later steps find ready.
      current = {
        ...current,
        done: event.step,
        total: event.steps,
        loss: event.loss,
        tokensPerSecond: event.tokensPerSecond,
        stepSeconds: isFirst ? null : known + (event.seconds - known) / SMOOTHING,
      };
      draw();
    }
    if (event.event === 'phase') current = { ...current, phase: event.phase };
    if (event.event === 'progress') {
      current = { ...current, done: event.done, total: event.total };
      draw();
    }
    if (event.event === 'preflight') output.tell(preflightLine(event));
    if (event.event === 'note' && event.level !== 'info') output.tell(`${event.level}: ${event.message}`);
  }

  return (progress) => {
    if (progress.kind === 'state') onState(progress);
    if (progress.kind === 'event') onEvent(progress);
    if (progress.kind === 'waiting' && progress.what !== '')
      output.tell(`${names.get(progress.run) ?? progress.run} (${progress.run}) waits: ${progress.what}`);
    if (progress.kind === 'planned')
      output.tell(`${names.get(progress.run) ?? progress.run} (${progress.run}): ${progress.message}`);
    if (progress.kind === 'warning') output.tell(`warning: ${progress.message}`);
  };
}
