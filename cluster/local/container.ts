import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { hostEnvironment } from './host-environment.ts';
import { type Launch, podMarker } from './launch.ts';
import { OUTPUT } from './layout.ts';
import { openOutputLog } from './output-log.ts';
import { killMarked, signalProcess } from './processes.ts';

/** The kernel closes the pipes of dead processes at once; this is for what is still in them. */
const DRAIN_MS = 2_000;

export type Exit =
  | { readonly kind: 'exited'; readonly exitCode: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'not-started'; readonly why: string };

export interface RunningContainer {
  /** Resolves when no process of the container is alive and its output is kept. */
  readonly ended: Promise<Exit>;
  /** SIGTERM to the first process only, as a container runtime does. */
  readonly terminate: () => void;
  /** SIGKILL to the whole process group. */
  readonly kill: () => void;
}

/**
 * Starts a pod's command as the leader of its own session and process group, so that it shares no terminal with
 * anyone and can be killed with all of its descendants. When the first process ends, so do the others, as in a
 * container.
 */
export function startContainer(launch: Launch, folder: string): RunningContainer {
  const [program, ...args] = launch.command;
  const subprocess = execa(program, args, {
    cwd: launch.cwd,
    env: { ...hostEnvironment(), ...launch.env },
    extendEnv: false,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
  });
  const { pid, nodeChildProcess } = subprocess;
  if (pid === undefined) {
    const ended = subprocess.then(
      ({ originalMessage, code }): Exit => ({
        kind: 'not-started',
        why: originalMessage ?? code ?? 'unknown reason',
      }),
    );
    return { ended, terminate: () => undefined, kill: () => undefined };
  }

  const log = openOutputLog(join(folder, OUTPUT));
  const keep = async (source: Readable): Promise<void> => {
    const { write, flush } = log.stream();
    await once(source.on('data', write), 'close');
    flush();
  };
  const kept = Promise.allSettled([keep(subprocess.stdout), keep(subprocess.stderr)]);
  const kill = () => signalProcess(-pid, 'SIGKILL');
  const ended = once(nodeChildProcess, 'exit').then(async ([exitCode, signal]): Promise<Exit> => {
    kill();
    await killMarked(podMarker(launch.uid));
    await Promise.race([kept, sleep(DRAIN_MS)]);
    log.close();
    return { kind: 'exited', exitCode, signal };
  });
  const terminate = () => {
    // Once its exit is known the number may belong to another process.
    if (nodeChildProcess.exitCode === null && nodeChildProcess.signalCode === null)
      signalProcess(pid, 'SIGTERM');
  };
  return { ended, terminate, kill };
}
