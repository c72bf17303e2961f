// Where Stint begins: the process itself, its signals, and the last net under whatever a command throws.
import { tellFailure } from './cli/last-net.ts';
import { processOutput } from './cli/output.ts';
import { type Place, runProgram } from './cli/program.ts';
import { VERSION } from './composition/checkout.ts';
import type { HostProcess } from './composition/host-process.ts';
import { openContext } from './composition/open-context.ts';
import { findHome } from './documents/find-home.ts';
import { KINDS } from './errors/catalogue.ts';
import { explainSystemError } from './errors/system-error.ts';

const output = processOutput();
const interrupt = new AbortController();
const force = new AbortController();

/** The first signal asks everything to save and end; the second one leaves no time for it. */
function onSignal(): void {
  if (interrupt.signal.aborted) force.abort();
  interrupt.abort();
}

/** Until a command works on runs, a signal ends the process as it would any other. */
function handleSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
}

const host: HostProcess = { output, interrupt: interrupt.signal, force: force.signal, handleSignals };

/** Where the command line does not say it, the place of this process. */
let known: Place = {};
const json = process.argv.includes('--json');

/** A promise that nobody waited for, or a handler of events: no command catches these. */
function onUncaught(error: unknown): void {
  const home = findHome(known.home, process.cwd());
  process.exit(tellFailure(error, { output, home, json, version: VERSION, argv: process.argv.slice(2) }));
}
process.on('uncaughtException', onUncaught);

let unwritten = 0;
/** Whoever read the output has gone (`stint … | head`): there is nobody left to print for. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && unwritten === 0) {
    unwritten = KINDS.failed.exitCode;
    output.tell(
      `error: the output cannot be written: ${explainSystemError(error)?.message ?? error.message}`,
    );
  }
  process.exitCode = Math.max(Number(process.exitCode ?? 0), unwritten);
  interrupt.abort();
}
process.stdout.on('error', onOutputError);
process.stderr.on('error', () => undefined);

const code = await runProgram(
  process.argv.slice(2),
  VERSION,
  (place) => {
    known = place;
    return openContext(place, host);
  },
  output,
);
process.exitCode = Math.max(code, unwritten);
