import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { StintError } from '../errors/stint-error.ts';
import {
  type Inspection,
  InspectionErrorSchema,
  type InspectionRequest,
  InspectionRequestSchema,
  InspectionSchema,
} from '../wire/inspection.ts';
import { type InspectionProgress, parseProgress } from './progress.ts';

export interface InspectOptions {
  /** Folder whose trainer reads the data; its `.venv` has what that needs. */
  readonly checkout: string;
  readonly python: string;
  readonly onProgress: (progress: InspectionProgress) => void;
  readonly signal: AbortSignal;
}

/** Kept of what is no progress, for the message of a failure. */
const LAST_LINES = 12;

/**
 * Has the trainer read a dataset as prepare will read it: rows, fields, lengths in the model's own tokens.
 *
 * @throws StintError `data-not-readable` where a file cannot be read at all; `inspection-failed` where the reader broke.
 */
export async function inspectData(request: InspectionRequest, options: InspectOptions): Promise<Inspection> {
  const { checkout, python, onProgress, signal } = options;
  const child = spawn(python, ['-m', 'trainer.inspect'], {
    cwd: checkout,
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // A reader that has failed early takes no more input; what it says of itself tells more than that.
  child.stdin.on('error', () => undefined);
  // With every default written out: the reader holds none of its own.
  child.stdin.end(JSON.stringify(InspectionRequestSchema.parse(request)));
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const progress = parseProgress(line);
    if (progress) onProgress(progress);
    else said.push(line);
  });
  const [answer, code] = await Promise.all([text(child.stdout), ended]);
  if (code === 0) return InspectionSchema.parse(JSON.parse(answer));
  throw failure(answer, code, said);
}

function failure(answer: string, code: number | null, said: readonly string[]): StintError {
  const error = parseError(answer);
  if (error !== undefined)
    return new StintError({
      code: 'data-not-readable',
      blame: 'input',
      what: error.message,
      todo: 'mend what is named there, and run this again',
    });
  return new StintError({
    code: 'inspection-failed',
    blame: 'run',
    where: 'python -m trainer.inspect',
    what: `the reader of data ended with code ${code ?? 'of a signal'}`,
    why: said.slice(-LAST_LINES).join('\n'),
    todo: 'run `npm run setup` where the packages have changed; else report this with the lines above',
  });
}

function parseError(answer: string): { readonly message: string } | undefined {
  try {
    return InspectionErrorSchema.parse(JSON.parse(answer)).error;
  } catch {
    return undefined;
  }
}
