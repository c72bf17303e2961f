import type { OnProgress, Progress as RunProgress } from '../controller/progress.ts';
import type { RunRecord } from '../store/port.ts';
import { describeState } from './describe-state.ts';
import type { Output } from './output.ts';
import { type Progress, plainProgress, progressLine } from './render/progress-line.ts';

/** Off a terminal a line stays, so one is written no more often than this. */
const PLAIN_MILLISECONDS = 5_000;
const REDRAW_MILLISECONDS = 100;
/** A step's time is smoothed over about this many steps. */
const SMOOTHING = 20;

/** Draws what goes on: one line that changes on a terminal, a plain line now and then elsewhere. */
export function showProgress(output: Output, records: readonly RunRecord[], now: () => number): OnProgress {
  const names = new Map(records.map((record) => [record.id, record.arm]));
  let current: (Progress & { readonly startedAt: number }) | null = null;
  let shownAt = 0;

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
    };
  };

  function draw(isNew: boolean): void {
    if (current === null) return;
    const at = now();
    const pause = output.isTerminal ? REDRAW_MILLISECONDS : PLAIN_MILLISECONDS;
    if (!isNew && at - shownAt < pause) return;
    shownAt = at;
    const progress = { ...current, elapsedSeconds: (at - current.startedAt) / 1000 };
    if (output.isTerminal) output.redraw(progressLine(progress, output.width - 1));
    else output.tell(plainProgress(progress));
  }

  function onState(progress: RunProgress & { kind: 'state' }): void {
    const name = names.get(progress.run) ?? progress.run;
    output.tell(`${name} (${progress.run}): ${describeState(progress.state)}`);
    if (progress.state.kind === 'running') begin(name, progress.state.stage);
    else current = null;
  }

  function onEvent({ event }: RunProgress & { kind: 'event' }): void {
    if (current === null) return;
    if (event.event === 'step') {
      const known = current.stepSeconds ?? event.seconds;
      current = {
        ...current,
        done: event.step,
        total: event.steps,
        loss: event.loss,
        tokensPerSecond: event.tokensPerSecond,
        stepSeconds: known + (event.seconds - known) / SMOOTHING,
      };
      draw(false);
    }
    if (event.event === 'progress') {
      current = { ...current, done: event.done, total: event.total };
      draw(false);
    }
    if (event.event === 'note' && event.level !== 'info') output.tell(`${event.level}: ${event.message}`);
  }

  return (progress) => {
    if (progress.kind === 'state') onState(progress);
    if (progress.kind === 'event') onEvent(progress);
    if (progress.kind === 'warning') output.tell(`warning: ${progress.message}`);
  };
}
