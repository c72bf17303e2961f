import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { ServerProcess } from './disturbed-servers.ts';

export interface Front {
  readonly port: number;
  /** Breaks off what goes to a server that is gone, as whoever watches its health would. */
  readonly drop: (server: ServerProcess) => void;
  readonly close: () => void;
}

/** One address for servers of which one works: each connection goes to that one. */
export async function openFront(awake: () => ServerProcess): Promise<Front> {
  const sockets = new Map<ServerProcess, Set<Socket>>();
  const front = createServer((from) => {
    const server = awake();
    const to = connect(server.port ?? 0, '127.0.0.1');
    const both = [from, to];
    const those = sockets.get(server) ?? new Set();
    sockets.set(server, those);
    for (const socket of both) {
      those.add(socket);
      socket.on('error', () => both.forEach((each) => void each.destroy()));
      socket.on('close', () => {
        those.delete(socket);
        both.forEach((each) => void each.destroy());
      });
    }
    from.pipe(to).pipe(from);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const address = front.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    drop: (server) => sockets.get(server)?.forEach((socket) => void socket.destroy()),
    close: () => void front.close(),
  };
}
