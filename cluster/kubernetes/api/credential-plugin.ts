import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Cluster } from '@kubernetes/client-node';
import { z } from 'zod';
import { parseJson } from '../../../orchestrator/wire/parse-json.ts';
import { ApiError } from './api-error.ts';
import { CARRIED } from './connection-trouble.ts';

/** How a kubeconfig asks for a credential plugin: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/#ExecConfig */
const PluginSchema = z.object({
  command: z.string(),
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().nullish(),
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).nullish(),
  provideClusterInfo: z.boolean().nullish(),
});
type Plugin = z.infer<typeof PluginSchema>;

/** What a program in Go leaves empty or null, it does not give. */
const Given = z
  .string()
  .nullish()
  .transform((text) => text || undefined);

/** What a plugin prints: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ */
const AnswerSchema = z.object({
  kind: z.literal('ExecCredential'),
  status: z
    .object({
      token: Given.refine((token) => token === undefined || CARRIED.test(token.trim())),
      clientCertificateData: Given,
      clientKeyData: Given,
      expirationTimestamp: z.iso
        .datetime({ offset: true })
        .nullish()
        .transform((time) => time ?? undefined),
    })
    .refine(
      ({ token, clientCertificateData: certificate, clientKeyData: key }) =>
        (certificate === undefined) === (key === undefined) && (token ?? certificate) !== undefined,
      'a token, or a certificate with its key',
    ),
});
export type Credential = z.infer<typeof AnswerSchema>['status'];

export interface Asking {
  readonly signal: AbortSignal;
  /** Told what the plugin says and that it is waited for, a line each. */
  readonly tell: (line: string) => void;
  /** A person is there who can answer a plugin that asks. */
  readonly isInteractive: boolean;
  readonly times?: Times;
}

interface Times {
  readonly tellAfterMs: number;
  readonly withinMs: number;
}

/** A person may have to log in by a browser first; without one, a plugin that waits waits for nobody. */
const timesFor = (isInteractive: boolean): Times => ({
  tellAfterMs: 3_000,
  withinMs: isInteractive ? 600_000 : 60_000,
});

/**
 * Runs the credential plugin of a user as kubectl does, with what it is told of the cluster in KUBERNETES_EXEC_INFO.
 *
 * @throws ApiError `credential-plugin` when it is not there, fails, waits too long or prints no credential
 */
export async function askPlugin(exec: unknown, cluster: Cluster | null, asking: Asking): Promise<Credential> {
  const parsed = PluginSchema.safeParse(exec);
  if (!parsed.success)
    throw failed(
      'the credential plugin of the kubeconfig',
      `is not described as one: ${parsed.error.issues[0]?.path.join('.') || 'exec'} is missing or of another kind`,
    );
  const plugin = parsed.data;
  if (plugin.interactiveMode === 'Always' && !asking.isInteractive)
    throw failed(named(plugin), 'wants to ask somebody, and there is no terminal', 'run it from a terminal');
  const printed = await run(plugin, cluster, asking);
  const answer = AnswerSchema.safeParse(parseJson(printed));
  if (answer.success) return answer.data.status;
  const [issue] = answer.error.issues;
  throw failed(
    named(plugin),
    `printed no credential: ${issue?.path.join('.') || 'its output'} is not what an ExecCredential has there${issue?.code === 'custom' ? ` (${issue.message})` : ''}`,
  );
}

/** Its standard output. */
async function run(plugin: Plugin, cluster: Cluster | null, asking: Asking): Promise<string> {
  const { signal, tell, isInteractive, times = timesFor(isInteractive) } = asking;
  const mayAsk = isInteractive && plugin.interactiveMode !== 'Never';
  const limit = AbortSignal.timeout(times.withinMs);
  const child = spawn(plugin.command, plugin.args ?? [], {
    env: { ...process.env, ...environmentOf(plugin, cluster, mayAsk) },
    stdio: [mayAsk ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    signal: AbortSignal.any([signal, limit]),
    // It may be a shell around what waits.
    killSignal: 'SIGKILL',
  });
  const waiting = setTimeout(
    () => tell(`Waiting for ${named(plugin)}, which gets the credentials.`),
    times.tellAfterMs,
  );
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    tell(`${named(plugin)}: ${line}`);
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  try {
    const status = await new Promise<number | NodeJS.Signals | null>((done, fail) => {
      child.on('error', fail);
      child.on('close', (code, killed) => done(code ?? killed));
      // What it has started may hold the pipes open for ever; what it printed itself is read long before this.
      child.on('exit', (code, killed) => setTimeout(() => done(code ?? killed), 1_000).unref());
    });
    if (status === 0) return printed;
    throw failed(
      named(plugin),
      `ended with ${status}${said.length > 0 ? `: ${said.slice(-3).join(' ')}` : ''}`,
    );
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted)
      throw failed(named(plugin), `has not answered within ${Math.round(times.withinMs / 1_000)} s`);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw failed(named(plugin), 'is not on this machine', plugin.installHint?.trim() || undefined);
    throw error instanceof ApiError
      ? error
      : failed(named(plugin), `cannot be run: ${(error as Error).message}`);
  } finally {
    clearTimeout(waiting);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function environmentOf(
  plugin: Plugin,
  cluster: Cluster | null,
  interactive: boolean,
): Record<string, string> {
  // A plugin is told the certificates themselves, wherever the kubeconfig has them.
  const authority = cluster?.caData || (cluster?.caFile && readFileSync(cluster.caFile).toString('base64'));
  const about = cluster && {
    server: cluster.server,
    ...(cluster.tlsServerName && { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.skipTLSVerify && { 'insecure-skip-tls-verify': true }),
    ...(authority && { 'certificate-authority-data': authority }),
    ...(cluster.proxyUrl && { 'proxy-url': cluster.proxyUrl }),
  };
  const info = {
    kind: 'ExecCredential',
    apiVersion: plugin.apiVersion,
    spec: { interactive, ...(plugin.provideClusterInfo && about && { cluster: about }) },
  };
  const own = (plugin.env ?? []).map(({ name, value }): [string, string] => [name, value]);
  return { ...Object.fromEntries(own), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
}

const named = ({ command }: Plugin): string => `the credential plugin ${command}`;

function failed(plugin: string, what: string, todo?: string): ApiError {
  return new ApiError(
    {
      code: 'credential-plugin',
      where: 'the kubeconfig, users.exec',
      what: `${plugin} ${what}`,
      why: 'it gets the credentials for this cluster; nothing was asked of the API server yet',
      todo: todo ?? 'log in again, so that `kubectl get --raw /readyz` answers, then run the command again',
    },
    { status: 401, passing: false },
  );
}
