import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';
import type { ErrorCode } from '../errors/catalogue.ts';
import { StintError } from '../errors/stint-error.ts';
import { InspectionErrorSchema } from '../wire/inspection.ts';
import { type InspectionProgress, parseProgress } from './progress.ts';

export interface AskOptions {
  /** Folder whose trainer answers; its `.venv` has what that needs. */
  readonly checkout: string;
  readonly python: string;
  readonly onProgress: (progress: InspectionProgress) => void;
  readonly signal: AbortSignal;
}

/** A module of the trainer that answers one question, and how its failures are told. */
export interface Answerer {
  /** For example `trainer.inspect`. */
  readonly module: string;
  /** Of the error where it says what cannot be answered. */
  readonly refusal: ErrorCode;
  /** Of the error where it breaks. */
  readonly failure: ErrorCode;
  /** What it is, in a sentence. */
  readonly name: string;
}

/** Kept of what is no progress, for the message of a failure. */
const LAST_LINES = 12;

/**
 * Asks a module of the trainer: the question as JSON on its standard input, the answer as JSON on its standard output.
 *
 * @throws StintError the answerer's `refusal` where it says why there is no answer; its `failure` where it broke.
 */
export async function askTrainer(
  answerer: Answerer,
  question: unknown,
  options: AskOptions,
): Promise<unknown> {
  const { checkout, python, onProgress, signal } = options;
  const child = spawn(python, ['-m', answerer.module], {
    cwd: checkout,
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // One that has failed early takes no more input; what it says of itself tells more than that.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(question));
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    const progress = parseProgress(line);
    if (progress) onProgress(progress);
    else said.push(line);
  });
  const [answer, code] = await Promise.all([text(child.stdout), ended]);
  if (code === 0) return JSON.parse(answer);
  throw failure(answerer, answer, code, said);
}

function failure(
  { module, refusal, failure: broken, name }: Answerer,
  answer: string,
  code: number | null,
  said: readonly string[],
): StintError {
  const error = parseError(answer);
  if (error !== undefined)
    return new StintError({
      code: refusal,
      ...(error.where !== undefined && { where: error.where }),
      what: error.message,
      todo: 'fix what is named there, and run this again',
    });
  return new StintError({
    code: broken,
    where: `python -m ${module}`,
    what: `${name} ended with code ${code ?? 'of a signal'}`,
    why: said.slice(-LAST_LINES).join('\n'),
    todo: 'run `npm run setup` where the packages have changed; else report this with the lines above',
  });
}

function parseError(answer: string): z.infer<typeof InspectionErrorSchema>['error'] | undefined {
  try {
    return InspectionErrorSchema.parse(JSON.parse(answer)).error;
  } catch {
    return undefined;
  }
}
