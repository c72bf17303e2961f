import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { ErrorCode } from '../../orchestrator/errors/catalogue.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';

/** Below the ports that Linux (32768) and macOS (49152) hand out, so that no outgoing connection takes it meanwhile. */
const FIRST = 20_000;
const LAST = 32_767;
const TRIES = 50;

/** A port nothing listens on now; chosen at random, so that jobs that start together hardly ever meet. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST, LAST + 1);
    if (await isFree(port)) return port;
  }
  throw portProblem(
    'no-free-port',
    `no free port was found between ${FIRST} and ${LAST} in ${TRIES} tries`,
    'end what holds so many ports',
  );
}

/** @throws StintError `port-in-use` */
export async function requireFreePort(port: number): Promise<void> {
  if (await isFree(port)) return;
  throw portProblem(
    'port-in-use',
    `port ${port}, which the cluster profile pins for the rendezvous, is in use on this machine`,
    `end the process that listens on it (\`lsof -i :${port}\` names it), or set backend.rendezvousPort to auto`,
  );
}

const portProblem = (code: ErrorCode, what: string, todo: string) =>
  new StintError({ code, where: 'backend.rendezvousPort', what, todo });

/** On every interface, as torchrun's store listens. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
