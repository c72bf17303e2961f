import { visibleText } from './visible-text.ts';

/** Where a command writes: results to standard output, everything else to standard error. */
export interface Output {
  /** A result: text, or with `--json` one JSON document. */
  readonly print: (text: string) => void;
  /** For a person who waits: progress, hints, warnings. */
  readonly tell: (text: string) => void;
  /** Standard error is a terminal, so one line may be drawn over and over. */
  readonly isTerminal: boolean;
  readonly width: number;
  readonly redraw: (line: string) => void;
}

export const printJson = (output: Output, value: unknown): void =>
  output.print(JSON.stringify(value, null, 2));

type Stream = Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };

/** The one door to the terminal: nothing that a recipe, data, a log or a cluster says can move the cursor or hide. */
export function outputTo(results: Stream, messages: Stream): Output {
  const isTerminal = messages.isTTY === true;
  let drawn = false;
  const clear = () => {
    if (drawn) messages.write('\r\u001B[2K');
    drawn = false;
  };
  return {
    print: (text) => {
      clear();
      results.write(`${visibleText(text)}\n`);
    },
    tell: (text) => {
      clear();
      messages.write(`${visibleText(text)}\n`);
    },
    isTerminal,
    // Some terminals say that they have 0 columns.
    width: Math.max(40, messages.columns || 100),
    redraw: (line) => {
      clear();
      messages.write(visibleText(line));
      drawn = true;
    },
  };
}

export const processOutput = (): Output => outputTo(process.stdout, process.stderr);
