import type { CliContext } from '../cli/context.ts';
import type { Place } from '../cli/program.ts';
import { OWNER } from '../contract/caller.ts';
import type { Workplace } from '../controller/workplace.ts';
import { findHome, requireHome, STORE_FILE } from '../documents/find-home.ts';
import { makeFolder } from '../documents/make-folder.ts';
import { StintError } from '../errors/stint-error.ts';
import { dataReader, rehearser } from './ask-trainer.ts';
import { VERSION } from './checkout.ts';
import type { HostProcess } from './host-process.ts';
import type { OpenedStore } from './open-store-for.ts';
import { surveyor } from './surveyor.ts';

/** What commands work with, from what the command line says of the place; nothing is opened before it is asked for. */
export function openContext(named: Place, host: HostProcess): CliContext & { close: () => Promise<void> } {
  const { output, interrupt, force } = host;
  const home = findHome(named.home, process.cwd());
  let opened: OpenedStore | null = null;
  let workplace: Workplace | undefined;
  let hasReconciled = false;
  const tellLeft = async (here: Workplace, acts: boolean) =>
    (await import('./tell-what-was-left.ts')).tellWhatWasLeft(here, output, acts);
  return {
    output,
    version: VERSION,
    server: named.server || null,
    home,
    get store() {
      return named.server || (opened?.place ?? home);
    },
    interrupt,
    force,
    openWorkplace: async (how) => {
      const acts = how === 'make' || how === 'act';
      // A command may look first and work later.
      if (workplace) {
        if (acts && !hasReconciled) await tellLeft(workplace, acts);
        hasReconciled ||= acts;
        return workplace;
      }
      if (named.server) throw notOverAServer(named.server);
      if (how === 'make' || how === 'serve') await makeFolder(home);
      else if (!named.store) await requireHome(home, how === 'found' ? STORE_FILE : '');
      const [{ openOwn, openShared }, { composeWorkplace }] = await Promise.all([
        import('./open-store-for.ts'),
        import('./compose-workplace.ts'),
      ]);
      opened = named.store ? await openShared(named.store, home) : await openOwn(home, how);
      workplace = await composeWorkplace(home, opened, host);
      host.handleSignals();
      if (opened.isSnapshot) output.tell(SNAPSHOT);
      else if (how !== 'serve') await tellLeft(workplace, acts);
      hasReconciled = acts;
      return workplace;
    },
    async openStint(how) {
      if (named.server) return (await this.openServer()).stint;
      const [{ localStint }, { siteOf }, here] = await Promise.all([
        import('../operations/local-stint.ts'),
        import('../operations/site-of.ts'),
        this.openWorkplace(how),
      ]);
      return localStint(here, siteOf(home, this));
    },
    async openLogs() {
      if (named.server) {
        const [{ remoteLogs }, { serverOf }] = await Promise.all([
          import('../client/remote-streams.ts'),
          import('./open-server.ts'),
        ]);
        return remoteLogs(await serverOf(named.server, host));
      }
      const [{ localLogs }, here] = await Promise.all([
        import('../operations/local-logs.ts'),
        this.openWorkplace(),
      ]);
      return localLogs({ workplace: here, caller: OWNER });
    },
    openServer: async () => (await import('./open-server.ts')).openServer(named.server, host),
    requireReady: async (profile) => (await import('./require-ready.ts')).requireReady(profile, host),
    ...surveyor(home, host),
    dataReader: dataReader(interrupt),
    rehearser: rehearser(interrupt),
    startInBackground: async (args) =>
      (await import('./start-in-background.ts')).startInBackground(home, named.store, args),
    close: async () => opened?.store.close(),
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
