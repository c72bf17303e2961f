import type { LogLine } from '../../../contract/streams.ts';
import { oneOf } from '../../../recipe/one-of.ts';
import { StageSchema } from '../../../wire/job-spec.ts';
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
 *
 * @throws StintError `wrong-option` where there is no such stage.
 */
export async function logs(reference: string, options: LogsOptions, context: CliContext): Promise<number> {
  const stage =
    options.stage === undefined ? undefined : oneOf('--stage', options.stage, StageSchema.options);
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
