import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodFacts } from '../run/pod-facts.ts';

export interface KeptLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/** Takes a pod's lines in order. */
export interface KeptLog {
  readonly append: (lines: readonly KeptLine[]) => Promise<void>;
}

/** A log that is there. */
export interface KeptPod {
  /** Of the pod. */
  readonly uid: string;
  /** `train-a2-0`: stage, attempt and completion index. */
  readonly name: string;
  /** When it printed its first line. */
  readonly since: number;
  readonly lines: () => AsyncIterable<KeptLine>;
}

/** What pods have printed, kept for when the cluster has let them go, and their logs with them. */
export interface KeptLogs {
  /** For a follower that reads from the pod's first line on: what another has kept before it is not kept twice. */
  readonly open: (pod: PodFacts) => Promise<KeptLog>;
  /** The oldest first. */
  readonly of: (run: string) => Promise<readonly KeptPod[]>;
}

/** What a longer line has beyond is left out. */
const LONGEST_LINE = 1 << 16;

/** One file a pod: `<folder>/<run>/<stage>-a<attempt>-<index>.<uid>.log`, of lines `<ms since the epoch> <text>`. */
export function keptLogs(folder: string): KeptLogs {
  async function open({ run, stage, attempt, index, uid }: PodFacts): Promise<KeptLog> {
    await mkdir(join(folder, run), { recursive: true });
    // Another follower may have counted attempts differently: the pod is the same.
    const known = (await podFiles(join(folder, run))).find((file) => file.uid === uid);
    const file = join(folder, run, known?.file ?? `${stage}-a${attempt}-${index}.${uid}.log`);
    const isNew = newerThan(await wholeLines(file));
    return {
      append: async (lines) => {
        const text = lines.filter(isNew).map(asLine).join('');
        if (text !== '') await appendFile(file, text);
      },
    };
  }

  async function of(run: string): Promise<readonly KeptPod[]> {
    const files = await podFiles(join(folder, run));
    const pods = files.map(async ({ file, name, uid }) => {
      const lines = () => linesOf(join(folder, run, file));
      for await (const { at } of lines()) return [{ uid, name, since: at, lines }];
      return [];
    });
    return (await Promise.all(pods))
      .flat()
      .toSorted((a, b) => a.since - b.since || a.name.localeCompare(b.name));
  }

  return { open, of };
}

async function podFiles(folder: string) {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((file) => {
    const [, name, uid] = /^(\w+-a\d+-\d+)\.(.+)\.log$/.exec(file) ?? [];
    return name === undefined || uid === undefined ? [] : [{ file, name, uid }];
  });
}

/** Those of a file that may have been cut in mid-line when its writer was killed; the cut is fixed. */
async function wholeLines(file: string): Promise<readonly KeptLine[]> {
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const whole = bytes.subarray(0, bytes.lastIndexOf('\n') + 1);
  if (whole.length < bytes.length) await truncate(file, whole.length);
  return whole.toString().split('\n').flatMap(parse);
}

/** A pod's lines come again in the same order with the same times: those up to the last kept one are known. */
function newerThan(kept: readonly KeptLine[]): (line: KeptLine) => boolean {
  const last = kept.reduce((latest, { at }) => Math.max(latest, at), 0);
  let toSkip = kept.filter(({ at }) => at === last).length;
  let isPast = kept.length === 0;
  return ({ at }) => {
    if (isPast) return true;
    if (at < last) return false;
    if (at === last && toSkip-- > 0) return false;
    isPast = true;
    return true;
  };
}

const asLine = ({ at, text }: KeptLine): string => `${at} ${text.slice(0, LONGEST_LINE)}\n`;

function parse(line: string): readonly KeptLine[] {
  const [, at, text = ''] = /^(\d+) (.*)$/s.exec(line) ?? [];
  return at === undefined ? [] : [{ at: Number(at), text }];
}

/** Ends at newlines only: a carriage return is a part of what a progress bar prints. */
async function* linesOf(file: string): AsyncGenerator<KeptLine, void, void> {
  let held = '';
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const lines = (held + chunk).split('\n');
    held = lines.pop() ?? '';
    yield* lines.flatMap(parse);
  }
}
