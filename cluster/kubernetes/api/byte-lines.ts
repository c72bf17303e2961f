const NEWLINE = 0x0a;

export interface LineOptions {
  /** What a longer line has beyond is dropped, so that output without newlines cannot fill the memory. */
  readonly longestBytes: number;
  /** Whether what is left at the end, without a newline, counts as a line. */
  readonly unfinished: boolean;
}

/** The lines of a stream of bytes. */
export async function* byteLines(
  chunks: AsyncIterable<Buffer>,
  { longestBytes, unfinished }: LineOptions,
): AsyncGenerator<string, void, void> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const hold = (part: Buffer): void => {
    const kept = part.subarray(0, Math.max(0, longestBytes - heldBytes));
    if (kept.length > 0) held.push(kept);
    heldBytes += kept.length;
  };
  const take = (): string => {
    const line = Buffer.concat(held).toString('utf8');
    held = [];
    heldBytes = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      hold(chunk.subarray(from, at));
      from = at + 1;
      yield take();
    }
    hold(chunk.subarray(from));
  }
  if (unfinished && heldBytes > 0) yield take();
}
