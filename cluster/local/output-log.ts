import { closeSync, openSync, writeSync } from 'node:fs';

/** A longer line is kept in pieces of this size, so that output without newlines cannot fill the memory. */
const LONGEST_LINE_BYTES = 1 << 20;
const NEWLINE = 0x0a;

export interface OutputLog {
  /** Takes what a stream of the container gave; `flush` when the stream has ended. */
  readonly stream: () => { readonly write: (chunk: Buffer) => void; readonly flush: () => void };
  readonly close: () => void;
}

/**
 * The container's output, one line each with the time at which it was complete: `<ms since the epoch> <bytes>`.
 * Bytes are kept as they came. When the disk is full the output is dropped and the container goes on: losing a log is
 * better than stalling a run whose writes may still fit.
 */
export function openOutputLog(file: string): OutputLog {
  const descriptor = openSync(file, 'a');
  let dropping = false;

  function append(lines: readonly Buffer[]): void {
    if (dropping || lines.length === 0) return;
    const stamp = Buffer.from(`${Date.now()} `);
    const bytes = Buffer.concat(lines.flatMap((line) => [stamp, line, Buffer.of(NEWLINE)]));
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    } catch (error) {
      dropping = true;
      console.error(`output is no longer kept: ${(error as Error).message}`);
    }
  }

  function stream() {
    let held: Buffer[] = [];
    let heldBytes = 0;
    const take = (tail: Buffer): Buffer => {
      const line = Buffer.concat([...held, tail]);
      held = [];
      heldBytes = 0;
      return line;
    };
    const write = (chunk: Buffer): void => {
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        lines.push(take(chunk.subarray(from, at)));
        from = at + 1;
      }
      if (from < chunk.length) {
        held.push(chunk.subarray(from));
        heldBytes += chunk.length - from;
      }
      if (heldBytes >= LONGEST_LINE_BYTES) lines.push(take(Buffer.alloc(0)));
      append(lines);
    };
    const flush = (): void => append(heldBytes > 0 ? [take(Buffer.alloc(0))] : []);
    return { write, flush };
  }

  const close = (): void => {
    dropping = true;
    closeSync(descriptor);
  };
  return { stream, close };
}
