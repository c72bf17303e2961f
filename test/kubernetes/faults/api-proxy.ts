import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { API_SERVER, KUBECONFIG, PORTS } from '../../../ops/test-cluster/layout.ts';

/** A wire to the API server that can be cut. */
export interface ApiProxy {
  readonly url: string;
  /** Bytes that the API server has sent over it so far. */
  readonly read: () => number;
  /** Writes a kubeconfig that goes over this wire. */
  readonly writeKubeconfig: (path: string) => void;
  /** Breaks every connection that there is; new ones are let through. */
  readonly cut: () => number;
  /** Connections stay, but nothing comes any more, as when a firewall forgets them. */
  readonly silence: () => void;
  readonly close: () => Promise<void>;
}

export async function apiProxy(): Promise<ApiProxy> {
  let read = 0;
  const wires = new Set<readonly [near: Socket, far: Socket]>();
  const server = createServer((near) => {
    const far = connect(PORTS.apiServer, '127.0.0.1');
    const wire = [near, far] as const;
    wires.add(wire);
    near.pipe(far).pipe(near);
    far.on('data', ({ length }: Buffer) => {
      read += length;
    });
    for (const end of wire)
      end
        .on('error', () => undefined)
        .on('close', () => {
          for (const other of wire) other.destroy();
          wires.delete(wire);
        });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = (): number => {
    const { size } = wires;
    for (const [near] of wires) near.destroy();
    return size;
  };
  return {
    url,
    read: () => read,
    writeKubeconfig: (path) =>
      writeFileSync(path, readFileSync(KUBECONFIG, 'utf8').replace(API_SERVER, url), { mode: 0o600 }),
    cut,
    silence: () => {
      for (const end of [...wires].flat()) end.unpipe().pause();
    },
    close: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
