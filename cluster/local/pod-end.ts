import { constants } from 'node:os';
import { parseTermination, type Termination } from '../../orchestrator/wire/termination.ts';
import type { Exit } from './container.ts';
import type { Launch } from './launch.ts';
import type { PodEnd } from './pod-record.ts';

type Ending = Omit<PodEnd, 'endedAt'>;

/** How a pod ended, from how its first process did and from what that process left as its termination message. */
export function endingOf(
  exit: Exit,
  message: string,
  launch: Launch,
  { pastDeadline, leftAlone }: Circumstances,
): Ending {
  if (exit.kind === 'not-started') {
    const what = `the command ${launch.command[0]} could not be started in ${launch.cwd}: ${exit.why}`;
    const todo = `see that it is installed and on the PATH (${launch.env['PATH']})`;
    return said('failed', { exitClass: 'configuration', message: `${what}; ${todo}` });
  }
  const exitCode = exit.exitCode ?? (exit.signal === null ? 1 : 128 + constants.signals[exit.signal]);
  const facts = { exitCode, ...(exit.signal === null ? {} : { signal: exit.signal }) };
  if (exitCode === 0) return { phase: 'succeeded', ...facts, message };
  if (pastDeadline) {
    const text = `it ran past its deadline of ${launch.deadlineSeconds} s and was ended`;
    return { ...facts, ...said('failed', { exitClass: 'unknown', message: text }) };
  }
  return { phase: 'failed', ...facts, message: leftAlone ? asLeftAlone(message) : message };
}

/** What the process could not know of its end. */
interface Circumstances {
  readonly pastDeadline: boolean;
  /** It was asked to end because the process that launched it is gone. */
  readonly leftAlone: boolean;
}

/** Of an end that was asked for, who asked is a part of why. */
function asLeftAlone(message: string): string {
  const told = parseTermination(message);
  return told?.exitClass === 'interrupted'
    ? JSON.stringify({ ...told, message: `its controller ended. ${told.message}` })
    : message;
}

/** The command was never started. */
export const neverRan = (why: string): Ending =>
  said('failed', { exitClass: 'interrupted', message: `the command was not started: ${why}` });

const said = (phase: 'failed', termination: Termination) => ({ phase, message: JSON.stringify(termination) });
