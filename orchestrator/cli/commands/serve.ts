import { makeServer } from '../../api/make-server.ts';
import { servedOver } from '../../api/served-over.ts';
import { IdentityProviderSchema } from '../../contract/identity-provider.ts';
import { attendAll } from '../../controller/attend-all.ts';
import type { Workplace } from '../../controller/workplace.ts';
import { keepDefect } from '../../documents/keep-defect.ts';
import { readDocument } from '../../documents/read-document.ts';
import { isStintError, StintError } from '../../errors/stint-error.ts';
import { tokenVerifier } from '../../identity/token-verifier.ts';
import { stackOf } from '../../logging/stack-of.ts';
import { callerOfBearer, type TrustedProvider } from '../../operations/caller-of-bearer.ts';
import { createToken } from '../../operations/create-token.ts';
import { ProgressHub } from '../../operations/progress-hub.ts';
import { siteOf } from '../../operations/site-of.ts';
import type { CliContext } from '../context.ts';
import { printJson } from '../output.ts';

export interface ServeOptions {
  /** HOST:PORT. */
  readonly listen: string;
  /** File of an identity provider. */
  readonly oidc?: string;
  readonly json?: boolean;
}

/** `stint serve`: attends every open run of the store and answers over HTTP, until it is asked to end. */
export async function serve(options: ServeOptions, context: CliContext): Promise<number> {
  const address = addressOf(options.listen);
  const { output, interrupt, force } = context;
  const trusted = options.oidc === undefined ? undefined : await trustedFrom(options.oidc, output);
  const workplace = await context.openWorkplace('serve');
  const site = siteOf(context.home, context);
  const hub = new ProgressHub();
  const served = servedOver({
    workplace,
    site,
    hub,
    version: context.version,
    callerOf: (token) => callerOfBearer(workplace, trusted, token),
    attended: () => attendedBy(workplace),
    audit: (line) => workplace.log.info({ audit: line }, 'audit'),
    defect: (error, reference) => {
      const stack = stackOf(error);
      workplace.log.warn({ reference, stack }, 'defect');
      keepDefect(context.home, `${reference}\n\n${stack}\n`, new Date());
    },
  });
  const server = makeServer(served);
  const url = await server.listen(address).catch((error: unknown) => {
    throw cannotListen(options.listen, error);
  });
  workplace.log.info({ url, version: context.version, store: context.store }, 'serves');
  // Whoever has a provider has an admin by its rules, and no need of a token that holds for ever.
  const token = trusted === undefined ? await firstToken(workplace) : null;
  if (options.json) printJson(output, { url, token });
  else tell(context, url, token);
  try {
    await attendAll(workplace, {
      interrupt,
      force,
      // What a person has to see to; the rest is in the log.
      onProgress: (progress) => {
        hub.publish(progress);
        if (progress.kind === 'warning') output.tell(`warning: ${ofRun(progress.run, progress.message)}`);
      },
      onWarning: (message) => output.tell(`warning: ${message}`),
    });
  } finally {
    await server.close();
    workplace.log.info({ url }, 'serves no more');
  }
  return 0;
}

/** A provider that is another one is refused; one that is away just now may come back. @throws StintError of the file, or `wrong-identity-provider` */
async function trustedFrom(file: string, output: CliContext['output']): Promise<TrustedProvider> {
  const provider = await readDocument(file, IdentityProviderSchema);
  const verifier = tokenVerifier(provider);
  await verifier.discover().catch((error: unknown) => {
    if (!isStintError(error) || error.code !== 'identity-provider-unreachable') throw error;
    output.tell(`warning: ${error.message}`);
  });
  return { provider, verify: verifier.verify };
}

/** Some name their run themselves. */
const ofRun = (run: string, message: string): string =>
  message.includes(run) ? message : `${run}: ${message}`;

function tell({ output, home, store }: CliContext, url: string, token: string | null): void {
  output.print(`Stint serves ${url}`);
  output.tell(`  what is recorded: ${store}`);
  output.tell(`  what it does:     ${home}/logs/stint.jsonl`);
  if (!/\/\/(127\.|\[::1\]|localhost)/.test(url))
    output.tell(
      'warning: it is reached from other machines, and speaks plain HTTP: tokens can be read on the way. Put a proxy with TLS before it.',
    );
  if (token === null) return;
  output.tell(`There is no token yet, so one was made. It is shown this once:

  export STINT_SERVER=${url}
  export STINT_TOKEN=${token}

Whoever has it is an admin. Make one for each person: stint tokens create NAME --role operator`);
}

async function attendedBy({ store, owner }: Workplace): Promise<number> {
  return (await store.leases.list()).filter((lease) => lease.owner === owner).length;
}

/** The name of whoever began. */
const FIRST = 'first';

async function firstToken(workplace: Workplace): Promise<string | null> {
  if ((await workplace.store.tokens.list()).length > 0) return null;
  try {
    return (await createToken(workplace, { name: FIRST, role: 'admin' })).token;
  } catch (error) {
    // Of two servers that begin at once on one store, one shows it.
    if (isStintError(error) && error.code === 'token-name-taken') return null;
    throw error;
  }
}

/** @throws StintError `wrong-option`. */
function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(?:\[?([^\]]+)\]?:)?(\d{1,5})$/.exec(listen) ?? [];
  if (port !== undefined && Number(port) <= 65_535) return { host: host ?? '127.0.0.1', port: Number(port) };
  throw new StintError({
    code: 'wrong-option',
    where: '--listen',
    what: `${JSON.stringify(listen)} is not an address to listen on`,
    why: 'expected HOST:PORT, as 127.0.0.1:7846; port 0 takes one that is free',
    todo: 'change it to that',
  });
}

function cannotListen(listen: string, cause: unknown): StintError {
  const code = (cause as { readonly code?: string }).code;
  return new StintError(
    {
      code: 'cannot-listen',
      where: listen,
      what: code === 'EADDRINUSE' ? 'something listens there already' : 'nothing can listen there',
      why: cause instanceof Error ? cause.message : String(cause),
      todo: 'name another address with --listen',
    },
    { cause },
  );
}
