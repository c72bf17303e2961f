import { createRequire } from 'node:module';
import type { Logger } from 'pino';
import { stackOf } from './stack-of.ts';

export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
}

/**
 * What the control plane does and why, one JSON line each, for whoever asks later what happened at night. Written at
 * once, so that a killed process leaves its last line. Commands that look have nothing to write, and do not wait for what
 * writes it.
 */
export function openLog(file: string): Log {
  let opened: Logger | undefined;
  const log = () => (opened ??= open(file));
  return {
    info: (fields, message) => log().info(fields, message),
    warn: (fields, message) => log().warn(fields, message),
  };
}

function open(file: string): Logger {
  const pino = createRequire(import.meta.url)('pino') as typeof import('pino');
  const destination = pino.destination({ dest: file, mkdir: true, sync: true });
  // On a full disk its lines are lost; what they tell of goes on.
  destination.on('error', () => undefined);
  return pino({ timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: told } }, destination);
}

/** An error has its message and its stack where JSON does not look. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const causes = error.cause === undefined ? {} : { cause: told(error.cause) };
  const { name: type, message } = error;
  return { ...Object.fromEntries(Object.entries(error)), type, message, ...causes, stack: stackOf(error) };
}

/** Where nothing can be written. */
export const NO_LOG: Log = { info: () => undefined, warn: () => undefined };
