import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';

const DEBIAN = '/usr/lib/postgresql';

/** Folder of `initdb` and `postgres`: Debian's newest, which is not on the PATH, else the PATH's; null: none is here. */
export function findPostgres(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  const folders = versions
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, 'bin'));
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...folders, ...path].find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/** A PostgreSQL with nothing in it. User `postgres` comes in without a password, `locked` with `secret` only. */
export interface PostgresServer {
  readonly port: number;
  /** The address of a new database. */
  readonly createDatabase: () => Promise<string>;
  readonly query: (database: string, text: string) => Promise<readonly unknown[]>;
  readonly start: () => Promise<void>;
  /** Ends its connections, as when a server is restarted. */
  readonly stop: () => Promise<void>;
  readonly discard: () => Promise<void>;
}

/** Who comes by TCP as `locked` is asked for a password. */
const HBA = `host all locked all scram-sha-256\nhost all all all trust\n`;
/** Its language sorts "a" before "B", so that a query which leans on the order of text is found out. */
const LOCALE = ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C', '--encoding=UTF8'];

export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'stint-postgres-'));
  // Neither program works as root.
  const user = process.getuid?.() === 0 ? idsOf('nobody') : undefined;
  if (user) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', ...LOCALE];
  execFileSync(join(bin, 'initdb'), initdb, { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(data, 'pg_hba.conf'), HBA);
  const port = await freePort();
  const address = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const server = ['-D', data, '-p', `${port}`, '-k', folder, '-c', 'fsync=off'];
  let child: ChildProcess | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    // It ends when this process does, however that ends: then nobody holds the pipe that `read` waits on.
    const script = '"$0" "$@" </dev/null & read _; kill -INT $!; wait';
    const started = spawn('sh', ['-c', script, join(bin, 'postgres'), ...server], {
      ...user,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child = started;
    await new Promise<void>((resolve, reject) => {
      const lines: string[] = [];
      createInterface({ input: started.stderr }).on('line', (line) => {
        lines.push(line);
        if (line.includes('ready to accept connections')) resolve();
      });
      started.once('close', () => reject(new Error(`postgres has ended: ${lines.join('\n')}`)));
    });
  }

  async function stop(): Promise<void> {
    const running = child;
    if (running === undefined) return;
    child = undefined;
    const closed = new Promise((resolve) => running.once('close', resolve));
    running.stdin?.end();
    await closed;
  }

  async function query(database: string, text: string): Promise<readonly unknown[]> {
    const client = new pg.Client({ connectionString: address(database) });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  await start();
  await query('postgres', `create role locked login password 'secret'`);
  return {
    port,
    query,
    start,
    stop,
    createDatabase: async () => {
      databases += 1;
      await query('postgres', `create database t${databases}`);
      return address(`t${databases}`);
    },
    discard: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idsOf(name: string): { readonly uid: number; readonly gid: number } {
  const id = (which: string) => Number(execFileSync('id', [which, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
