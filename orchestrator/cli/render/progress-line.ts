import { formatDuration, formatFigure, formatInteger } from '../../units/format.ts';
import { oneLine, textWidth, truncate } from './text-width.ts';

/** Where a run is, as far as it is known. */
export interface ProgressFigures {
  /** Arm or run. */
  readonly name: string;
  readonly stage: string;
  /** Steps, questions or files; null before the first report. */
  readonly done: number | null;
  readonly total: number | null;
  readonly loss: number | null;
  readonly tokensPerSecond: number | null;
  /** Of this stage. */
  readonly elapsedSeconds: number;
  /** What one more step takes; null where it is not known. */
  readonly stepSeconds: number | null;
}

type Part = 'bar' | 'count' | 'loss' | 'speed' | 'elapsed' | 'left';

/** What gives way first on a narrow terminal comes first. */
const GIVES_WAY: readonly Part[] = ['bar', 'speed', 'elapsed', 'loss', 'left', 'count'];
const BAR = 16;

/** Seconds until the stage's last step; null where that cannot be said. */
function remainingSeconds({ done, total, stepSeconds }: ProgressFigures): number | null {
  return done === null || total === null || stepSeconds === null
    ? null
    : Math.max(0, total - done) * stepSeconds;
}

/** One line for a terminal, at most `width` columns wide. */
export function progressLine(progress: ProgressFigures, width: number): string {
  const parts = partsOf(progress);
  for (let given = 0; given <= GIVES_WAY.length; given++) {
    const shown = parts.filter(([part]) => !GIVES_WAY.slice(0, given).includes(part)).map(([, text]) => text);
    const line = [oneLine(progress.name), progress.stage, ...shown].join('  ');
    if (textWidth(line) <= width) return line;
  }
  return truncate(`${oneLine(progress.name)}  ${progress.stage}`, width);
}

function partsOf(progress: ProgressFigures): readonly (readonly [Part, string])[] {
  const { done, total, loss, tokensPerSecond, elapsedSeconds } = progress;
  const remaining = remainingSeconds(progress);
  return [
    ...(done === null || total === null || total === 0
      ? []
      : [
          ['bar', bar(done / total)] as const,
          ['count', `${formatInteger(done)}/${formatInteger(total)}`] as const,
        ]),
    ...(loss === null ? [] : [['loss', `loss ${loss.toFixed(3)}`] as const]),
    ...(tokensPerSecond === null ? [] : [['speed', `${formatFigure(tokensPerSecond)} tokens/s`] as const]),
    ['elapsed', formatDuration(elapsedSeconds)],
    ...(remaining === null ? [] : [['left', `ETA ${formatDuration(remaining)}`] as const]),
  ];
}

function bar(share: number): string {
  const filled = Math.round(BAR * Math.min(1, Math.max(0, share)));
  return '█'.repeat(filled) + '░'.repeat(BAR - filled);
}

/** The same as a sentence for logs and pipes, where a line stays. */
export function plainProgress(progress: ProgressFigures): string {
  const { name, stage, done, total, loss, tokensPerSecond, elapsedSeconds } = progress;
  const remaining = remainingSeconds(progress);
  const facts = [
    ...(done === null || total === null ? [] : [`${formatInteger(done)} of ${formatInteger(total)}`]),
    ...(loss === null ? [] : [`loss ${loss.toFixed(3)}`]),
    ...(tokensPerSecond === null ? [] : [`${formatFigure(tokensPerSecond)} tokens/s`]),
    `${formatDuration(elapsedSeconds)} elapsed`,
    ...(remaining === null ? [] : [`about ${formatDuration(remaining)} left`]),
  ];
  return `${oneLine(name)} ${stage}: ${facts.join(', ')}`;
}
