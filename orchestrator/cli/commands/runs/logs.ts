import type { LogLine } from '../../../contract/streams.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { didYouMean } from '../../../recipe/did-you-mean.ts';
import { type Stage, StageSchema } from '../../../wire/job-spec.ts';
import type { CliContext } from '../../context.ts';
import { exitCodeOf } from '../../exit-code.ts';

export interface LogsOptions {
  readonly follow?: boolean;
  /** Only this stage. */
  readonly stage?: string;
  readonly json?: boolean;
}

/**
 * `stint runs logs RUN [-f]`: the lines of its pods, oldest pod first; of those that their cluster has let go, what was
 * kept. `-f` goes on until the run is at rest, and ends with the code of what became of it.
 */
export async function logs(reference: string, options: LogsOptions, context: CliContext): Promise<number> {
  const stage = options.stage === undefined ? undefined : stageNamed(options.stage);
  const readLogs = await context.openLogs();
  const { output, interrupt } = context;
  const print = ({ name, pod, at, text }: LogLine): void =>
    output.print(options.json ? JSON.stringify({ at, pod, text }) : `${name}  ${lastDrawn(text)}`);
  const state = await readLogs(reference, {
    stage,
    follow: options.follow === true,
    signal: interrupt,
    onLine: print,
    onNote: output.tell,
  });
  return state === null ? 0 : exitCodeOf([state]);
}

/** A bar that is drawn over and over ends as it was drawn last. */
const lastDrawn = (text: string): string => text.replace(/\r+$/, '').split('\r').at(-1) ?? '';

/** @throws StintError `wrong-option` where there is no such stage. */
function stageNamed(name: string): Stage {
  const stages = StageSchema.options;
  const stage = stages.find((each) => each === name);
  if (stage !== undefined) return stage;
  const guess = didYouMean(name, stages);
  throw new StintError({
    code: 'wrong-option',
    where: '--stage',
    what: `there is no stage ${JSON.stringify(name)}`,
    why: `expected one of ${stages.join(', ')}`,
    todo: guess ? `did you mean "${guess}"?` : 'name one of these',
  });
}
