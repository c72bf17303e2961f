// The composition root: the only file that knows every adapter.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Background, CliContext, Opening, ServerAccess } from './cli/context.ts';
import { tellFailure } from './cli/last-net.ts';
import { type Output, processOutput } from './cli/output.ts';
import { type Place, runProgram } from './cli/program.ts';
import { whatWasLeft } from './cli/what-was-left.ts';
import type { Server } from './client/request.ts';
import { OWNER } from './contract/caller.ts';
import type { DataReader } from './controller/data-reader.ts';
import type { Rehearser } from './controller/rehearser.ts';
import type { Surveyor } from './controller/surveyor.ts';
import type { Workplace } from './controller/workplace.ts';
import { findHome, requireHome, STORE_FILE } from './documents/find-home.ts';
import { makeFolder } from './documents/make-folder.ts';
import { KINDS } from './errors/catalogue.ts';
import { isStintError, StintError } from './errors/stint-error.ts';
import { explainSystemError } from './errors/system-error.ts';
import type { Log } from './logging/open-log.ts';
import type { Cluster } from './ports/cluster.ts';
import type { ClusterProfile } from './profile/cluster-profile.ts';
import type { KubernetesBackend } from './profile/kubernetes-backend.ts';

const CHECKOUT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const PYTHON_BIN = join(CHECKOUT, '.venv', 'bin');
const { version } = JSON.parse(readFileSync(join(CHECKOUT, 'package.json'), 'utf8')) as { version: string };

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

function openContext(named: Place): CliContext & { close: () => Promise<void> } {
  const home = findHome(named.home, process.cwd());
  let opened: OpenedStore | null = null;
  let workplace: Workplace | undefined;
  let hasReconciled = false;
  return {
    output,
    version,
    server: named.server || null,
    home,
    get store() {
      return named.server || (opened?.place ?? home);
    },
    interrupt: interrupt.signal,
    force: force.signal,
    openWorkplace: async (how) => {
      const acts = how === 'make' || how === 'act';
      // A command may look first and work later.
      if (workplace) {
        if (acts && !hasReconciled) await tellWhatWasLeft(workplace, output, acts);
        hasReconciled ||= acts;
        return workplace;
      }
      if (named.server) throw notOverAServer(named.server);
      if (how === 'make' || how === 'serve') await makeFolder(home);
      else if (!named.store) await requireHome(home, how === 'found' ? STORE_FILE : '');
      opened = named.store ? await openShared(named.store, home) : await openOwn(home, how);
      workplace = await composeWorkplace(home, opened);
      handleSignals();
      if (opened.isSnapshot) output.tell(SNAPSHOT);
      else if (how !== 'serve') await tellWhatWasLeft(workplace, output, acts);
      hasReconciled = acts;
      return workplace;
    },
    async openStint(how) {
      if (named.server) return (await this.openServer()).stint;
      const [{ localStint }, { siteOf }, here] = await Promise.all([
        import('./operations/local-stint.ts'),
        import('./operations/site-of.ts'),
        this.openWorkplace(how),
      ]);
      return localStint(here, siteOf(home, this));
    },
    async openLogs() {
      if (named.server) {
        const { remoteLogs } = await import('./client/remote-streams.ts');
        return remoteLogs(await serverOf(named.server));
      }
      const [{ localLogs }, here] = await Promise.all([
        import('./operations/local-logs.ts'),
        this.openWorkplace(),
      ]);
      return localLogs({ workplace: here, caller: OWNER });
    },
    openServer: () => openServer(named.server),
    requireReady,
    ...CLUSTERS,
    surveyMachine: async () => {
      const { surveyMachine } = await import('../cluster/local/survey-machine.ts');
      return surveyMachine({ home, pythonBin: PYTHON_BIN });
    },
    dataReader: {
      digest: async () => (await import('./documents/reader-digest.ts')).readerDigest(CHECKOUT),
      inspect: readData,
    },
    rehearser: {
      digest: async () => (await import('./documents/reader-digest.ts')).stepDigest(CHECKOUT),
      rehearse: rehearseSteps,
    },
    startInBackground: async (args) => startInBackground(home, named.store, args),
    close: async () => opened?.store.close(),
  };
}

/** What is looked at of clusters beyond their runs. */
const CLUSTERS: Omit<Surveyor, 'surveyMachine'> = {
  surveyCluster: async ({ context }, needs, objects) => {
    const { survey } = await import('../cluster/kubernetes/inspect/survey.ts');
    return survey({ context, needs, objects, signal: interrupt.signal, tell: output.tell });
  },
  readInventory: async ({ context, namespace }, deviceResource) => {
    const { readInventory } = await import('../cluster/kubernetes/inspect/read-inventory.ts');
    return readInventory({
      context,
      namespace,
      deviceResource,
      signal: interrupt.signal,
      tell: output.tell,
    });
  },
  leftovers: ({ context, namespace, owner }, deviceResource, run) => {
    const { tell } = output;
    const place = { context, namespace, owner, deviceResource, run, signal: interrupt.signal, tell };
    const room = import('../cluster/kubernetes/act/remove-run.ts');
    return {
      find: async () => (await room).leftoversOf(place),
      release: async (ended) => (await room).removeRun(place, ended),
    };
  },
};

/** Its token is in the environment, or in a file: a command line can be read by everybody. */
async function serverOf(url: string): Promise<Server> {
  handleSignals();
  const { readToken } = await import('./client/read-token.ts');
  return {
    url,
    signal: interrupt.signal,
    get token() {
      return readToken(process.env);
    },
  };
}

async function openServer(url: string | undefined): Promise<ServerAccess> {
  if (!url) throw new Error('a server is asked for where none was named');
  const [{ remoteStint }, { remoteFollow }, { sendFile }] = await Promise.all([
    import('./client/remote-stint.ts'),
    import('./client/remote-streams.ts'),
    import('./client/send-file.ts'),
  ]);
  const server = await serverOf(url);
  return {
    stint: remoteStint(server),
    followRun: remoteFollow(server),
    sendFile: (file) => sendFile(server, file),
  };
}

/** What has not come to the contract yet works where its files, its cluster's credentials and its store are. */
const notOverAServer = (url: string): StintError =>
  new StintError({
    code: 'not-over-a-server',
    where: url,
    what: 'this command works with the store on this machine, and a server was named',
    todo: 'run it on the machine of the server, without --server and STINT_SERVER',
  });

const SNAPSHOT =
  'This home cannot be written by this user: what is recorded there is shown, and nothing is brought to rest or changed.';

/** Says what a person may have to see to; whoever works on runs brings to rest what can be first, and whoever looks changes nothing. */
async function tellWhatWasLeft(workplace: Workplace, { tell }: Output, acts: boolean): Promise<void> {
  const [{ findLeft, reconcile }, { machineOf }] = await Promise.all([
    import('./controller/reconcile.ts'),
    import('./controller/elsewhere.ts'),
  ]);
  if (acts) {
    for (const line of whatWasLeft(await reconcile(workplace), machineOf)) tell(line);
    return;
  }
  const { left, ...others } = await findLeft(workplace);
  const interrupted = left.map(({ id }) => id);
  for (const line of whatWasLeft({ interrupted, ...others }, machineOf)) tell(line);
}

interface OpenedStore extends Pick<Workplace, 'store' | 'host'> {
  /** Where it is, for people to read. */
  readonly place: string;
  /** The home can be read and not written. */
  readonly isSnapshot: boolean;
}

async function openOwn(home: string, how: Opening | undefined): Promise<OpenedStore> {
  const file = join(home, STORE_FILE);
  const { openStore } = await import('./store/open-store.ts');
  try {
    return { store: await openStore(file), host: null, place: home, isSnapshot: false };
  } catch (error) {
    const isForReading = how !== 'make' && how !== 'serve' && existsSync(file) && isNotWritable(error);
    if (!isForReading) throw error;
    const { openSnapshot } = await import('./store/open-snapshot.ts');
    return { store: await openSnapshot(file), host: null, place: home, isSnapshot: true };
  }
}

const isNotWritable = (error: unknown): boolean =>
  isStintError(error) &&
  error.problems.some(({ code }) => code === 'store-read-only' || code === 'store-cannot-open');

/** What is not in the store stays in the home: logs, and the work of the local backend. */
async function openShared(address: string, home: string): Promise<OpenedStore> {
  const [{ openPostgres }, { hostOfHome }] = await Promise.all([
    import('./store/open-postgres.ts'),
    import('./documents/host-of-home.ts'),
  ]);
  const shared = await openPostgres(address, Date.now);
  return { ...shared, host: await hostOfHome(home), isSnapshot: false };
}

async function composeWorkplace(home: string, { store, host, isSnapshot }: OpenedStore): Promise<Workplace> {
  const [
    { codeVersion },
    identity,
    { openLog, NO_LOG },
    { keptLogs },
    { loadPriceBook },
    { priceOn },
    { realClock },
    { runManifests },
  ] = await Promise.all([
    import('./documents/code-version.ts'),
    import('./documents/process-identity.ts'),
    import('./logging/open-log.ts'),
    import('./documents/kept-logs.ts'),
    import('./documents/load-price-book.ts'),
    import('./ledger/price-on.ts'),
    import('./controller/clock.ts'),
    import('./controller/run-manifests.ts'),
  ]);
  const prices = await loadPriceBook(undefined, home);
  const root = join(home, 'local');
  // Read once, for however many runs.
  let templates: ReturnType<Workplace['loadTemplates']> | undefined;
  const workFolder: Workplace['workFolder'] = ({ id, profile: { backend } }) =>
    join(backend.kind === 'local' ? join(root, 'volumes', 'work') : (backend.workFolder ?? ''), 'runs', id);
  const log = isSnapshot ? NO_LOG : openLog(join(home, 'logs', 'stint.jsonl'));
  return {
    store,
    clusterFor: clusters(root, log),
    loadTemplates: () => {
      templates ??= import('./documents/load-templates.ts').then(({ loadTemplates }) => loadTemplates());
      return templates;
    },
    workFolder,
    manifests: runManifests(workFolder),
    codeVersion: () => codeVersion(CHECKOUT),
    priceOf: (time) => priceOn(prices, time),
    log,
    keptLogs: keptLogs(join(home, 'logs', 'runs')),
    ...realClock,
    random: Math.random,
    owner: identity.processIdentity(),
    pid: process.pid,
    host,
    isAlive: (lease) => identity.isProcessAlive(lease.owner),
  };
}

async function requireReady(profile: ClusterProfile): Promise<void> {
  if (profile.backend.kind === 'local') {
    const { requirePython } = await import('./documents/require-python.ts');
    return requirePython(CHECKOUT);
  }
  const { requireCluster } = await import('../cluster/kubernetes/inspect/require-cluster.ts');
  const { backend } = profile;
  await requireCluster(profile, backend, { signal: interrupt.signal, tell: output.tell });
}

/** In Python, because only the trainer's own tokenizers count as the trainer does. */
const readData: DataReader['inspect'] = async (request, onProgress) => {
  const [{ requirePython }, { inspectData }] = await Promise.all([
    import('./documents/require-python.ts'),
    import('./inspection/inspect-data.ts'),
  ]);
  await requirePython(CHECKOUT);
  const { signal } = interrupt;
  return inspectData(request, { checkout: CHECKOUT, python: join(PYTHON_BIN, 'python'), onProgress, signal });
};

/** In Python, because it is the trainer's own step. */
const rehearseSteps: Rehearser['rehearse'] = async (request, onProgress) => {
  const [{ requirePython }, room] = await Promise.all([
    import('./documents/require-python.ts'),
    import('./inspection/rehearse-steps.ts'),
  ]);
  await requirePython(CHECKOUT);
  const { signal } = interrupt;
  const python = join(PYTHON_BIN, 'python');
  return room.rehearseSteps(request, { checkout: CHECKOUT, python, onProgress, signal });
};

/** One adapter for each cluster and namespace; what several runs share is then watched once. */
function clusters(root: string, log: Log): Workplace['clusterFor'] {
  const opened = new Map<string, Promise<Cluster>>();
  return ({ backend, device }) => {
    const key = backend.kind === 'local' ? backend.kind : JSON.stringify([backend, device.resource]);
    const open = () =>
      backend.kind === 'local' ? openLocal(root) : openKubernetes(backend, device.resource, log);
    const cluster = opened.get(key) ?? open();
    opened.set(key, cluster);
    return cluster;
  };
}

async function openLocal(root: string): Promise<Cluster> {
  const { localCluster } = await import('../cluster/local/local-cluster.ts');
  return localCluster({ root, checkout: CHECKOUT, pythonBin: PYTHON_BIN });
}

async function openKubernetes(
  backend: KubernetesBackend,
  deviceResource: string | undefined,
  log: Log,
): Promise<Cluster> {
  const { kubernetesCluster } = await import('../cluster/kubernetes/kubernetes-cluster.ts');
  return kubernetesCluster({ backend, deviceResource, say: (what) => log.warn({}, what), tell: output.tell });
}

/** A stint of its own session, so that closing this terminal does not end it. */
function startInBackground(home: string, store: string | undefined, args: readonly string[]): Background {
  mkdirSync(join(home, 'logs'), { recursive: true });
  const log = join(home, 'logs', `${new Date().toISOString().replaceAll(':', '-')}.log`);
  const file = openSync(log, 'a');
  const command = [fileURLToPath(import.meta.url), '--home', home, ...args];
  // By the environment: everybody can read a command line, and the address may hold a password.
  const env = { ...process.env, STINT_STORE: store ?? '' };
  const child = spawn(process.execPath, command, { detached: true, stdio: ['ignore', file, file], env });
  child.unref();
  return {
    pid: child.pid,
    log,
    exitCode: () => child.exitCode ?? (child.signalCode === null ? null : KINDS.failed.exitCode),
    said: () => readFileSync(log, 'utf8'),
  };
}

/** Where the command line does not say it, the place of this process. */
let known: Place = {};
const json = process.argv.includes('--json');

/** A promise that nobody waited for, or a handler of events: no command catches these. */
function onUncaught(error: unknown): void {
  const home = findHome(known.home, process.cwd());
  process.exit(tellFailure(error, { output, home, json, version, argv: process.argv.slice(2) }));
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
  version,
  (place) => {
    known = place;
    return openContext(place);
  },
  output,
);
process.exitCode = Math.max(code, unwritten);
