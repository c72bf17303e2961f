import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputLine } from '../../orchestrator/ports/cluster.ts';
import { END, OUTPUT } from './layout.ts';
import { pulses } from './pulses.ts';
import { readWritten } from './write-once.ts';

const SAFETY_MS = 2_000;
const NEWLINE = 0x0a;

/**
 * Lines of a pod's output from the first on, as they come; ends when the pod has ended and all is read, or without
 * `follow` when all that is there is read.
 */
export async function* followLog(
  folder: string,
  signal: AbortSignal,
  follow: boolean,
): AsyncGenerator<OutputLine, void, void> {
  const file = await open(join(folder, OUTPUT));
  try {
    const read = lineReader(file);
    for await (const _ of pulses(folder, SAFETY_MS, signal)) {
      // Asked before reading: what is written until the end is recorded is then surely read.
      const ended = (await readWritten(join(folder, END))) !== undefined;
      for (let lines = await read(); lines !== undefined; lines = await read()) yield* lines;
      if (ended || !follow) return;
    }
  } finally {
    await file.close();
  }
}

/** Reads on from where it was; undefined when there is no more for now. An unfinished line waits for its end. */
function lineReader(file: FileHandle): () => Promise<readonly OutputLine[] | undefined> {
  const chunk = Buffer.alloc(1 << 16);
  let held: Buffer[] = [];
  return async () => {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return undefined;
    const fresh = Buffer.from(chunk.subarray(0, bytesRead));
    const end = fresh.lastIndexOf(NEWLINE);
    if (end === -1) {
      held.push(fresh);
      return [];
    }
    const text = Buffer.concat([...held, fresh.subarray(0, end)]).toString('utf8');
    held = [fresh.subarray(end + 1)];
    return text.split('\n').map(parseLine);
  };
}

function parseLine(line: string): OutputLine {
  const space = line.indexOf(' ');
  return { at: Number(line.slice(0, space)), text: line.slice(space + 1) };
}
