import type { ServerAccess } from '../cli/context.ts';
import type { Server } from '../client/request.ts';
import type { HostProcess } from './host-process.ts';

/** Its token is in the environment, or in a file: a command line can be read by everybody. */
export async function serverOf(
  url: string,
  { interrupt: signal, handleSignals }: Pick<HostProcess, 'interrupt' | 'handleSignals'>,
): Promise<Server> {
  handleSignals();
  const { readToken } = await import('../client/read-token.ts');
  return {
    url,
    signal,
    get token() {
      return readToken(process.env);
    },
  };
}

export async function openServer(url: string | undefined, host: HostProcess): Promise<ServerAccess> {
  if (!url) throw new Error('a server is asked for where none was named');
  const [{ remoteStint }, { remoteFollow }, { sendFile }] = await Promise.all([
    import('../client/remote-stint.ts'),
    import('../client/remote-streams.ts'),
    import('../client/send-file.ts'),
  ]);
  const server = await serverOf(url, host);
  return {
    stint: remoteStint(server),
    followRun: remoteFollow(server),
    sendFile: (file) => sendFile(server, file),
  };
}
