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

export function processOutput(): Output {
  const isTerminal = process.stderr.isTTY;
  let drawn = false;
  const clear = () => {
    if (drawn) process.stderr.write('\r\u001B[2K');
    drawn = false;
  };
  return {
    print: (text) => {
      clear();
      process.stdout.write(`${text}\n`);
    },
    tell: (text) => {
      clear();
      process.stderr.write(`${text}\n`);
    },
    isTerminal,
    // Some terminals say that they have 0 columns.
    width: Math.max(40, process.stderr.columns || 100),
    redraw: (line) => {
      clear();
      process.stderr.write(line);
      drawn = true;
    },
  };
}
