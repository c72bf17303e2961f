import type { IncomingMessage } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { CONTRACT_VERSION, PREFIX, VERSION_HEADER } from '../contract/verbs.ts';
import { ERRORS } from '../errors/catalogue.ts';
import { type Problem, StintError } from '../errors/stint-error.ts';
import { type HttpRequest, overHttp } from './over-http.ts';

export interface Server {
  /** As a person names it: `https://stint.example.org`. */
  readonly url: string;
  /** Asked for with each request: it may be another one by then. */
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

/** @throws StintError `wrong-option` for what is no address, or no token. */
export function requireUsable({ url, token }: Server): void {
  baseOf(url);
  tokenOf(token);
}

export interface ServerRequest {
  readonly method: string;
  /** Below `PREFIX`, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpRequest['body'];
  readonly signal?: AbortSignal;
}

/** @returns what a server answers where it does what was asked. @throws StintError `server-unreachable`, and what the server refuses with. */
export async function request(
  { url, token, signal: ended }: Server,
  asked: ServerRequest,
): Promise<IncomingMessage> {
  const { method, path, headers, body, signal = ended } = asked;
  const bearer = tokenOf(token);
  const sent: HttpRequest = {
    method,
    signal,
    headers: {
      accept: 'application/json, application/problem+json, text/event-stream',
      [VERSION_HEADER]: String(CONTRACT_VERSION),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  };
  const answer = await overHttp(`${baseOf(url)}${PREFIX}${path}`, sent).catch((cause: unknown) => {
    throw unreachable(url, cause);
  });
  requireStint(url, answer);
  const { statusCode = 0 } = answer;
  if (statusCode >= 200 && statusCode < 300) return answer;
  throw serverRefusal(url, statusCode, await json(url, answer));
}

/** The body of an answer. @throws StintError `server-unreachable` where it breaks off. */
export async function json(url: string, answer: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await textOf(answer));
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

/** The error that a problem document of a server stands for. A newer server may know errors that this version does not. */
export function serverRefusal(url: string, status: number, body: unknown): StintError {
  const problems = (body as { readonly problems?: readonly Problem[] }).problems ?? [];
  const known = problems.map(
    (problem): Problem =>
      problem.code in ERRORS
        ? asProblem(problem)
        : { ...asProblem(problem), code: 'unknown-to-this-version' },
  );
  if (known.length > 0) return new StintError(known);
  return new StintError({
    code: 'unknown-to-this-version',
    where: url,
    what: `the server refuses with HTTP ${status}, and does not say why`,
    todo: 'look into its log',
  });
}

function baseOf(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url.replace(/\/+$/, '');
  throw new StintError({
    code: 'wrong-option',
    where: '--server',
    what: `${JSON.stringify(url)} is not the address of a server`,
    why: 'expected http://HOST:PORT, or https://HOST',
    todo: 'take what `stint serve` has printed',
  });
}

/** A file that was read into a variable ends with a line feed, which no header may hold. */
function tokenOf(text: string | undefined): string | undefined {
  const token = text?.trim() || undefined;
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new StintError({
    code: 'wrong-option',
    where: 'STINT_TOKEN',
    what: 'STINT_TOKEN, or the file that STINT_TOKEN_FILE names, holds what no token has: spaces, or characters beyond ASCII',
    todo: 'set it to what `stint tokens create` has printed',
  });
}

export function unreachable(url: string, cause: unknown): StintError {
  const why = reasonOf(cause);
  return new StintError(
    {
      code: 'server-unreachable',
      where: url,
      what: 'the server does not answer',
      why,
      todo: 'see whether `stint serve` runs there, and whether its address is right',
    },
    { cause },
  );
}

/** Where a name has several addresses, what the first of them said. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message : String(cause);
}

function requireStint(url: string, { headers, statusCode = 0 }: IncomingMessage): void {
  const type = headers['content-type'] ?? '';
  if (
    headers[VERSION_HEADER] !== undefined &&
    /^(application\/(problem\+)?json|text\/event-stream)\b/.test(type)
  )
    return;
  throw new StintError({
    code: 'server-unreachable',
    where: url,
    what: `what answers there is no Stint server: HTTP ${statusCode}, ${type || 'without a content type'}`,
    todo: 'name the address that `stint serve` has printed; a proxy before it has to pass its answers on',
  });
}

/** Without what only documents have. */
const asProblem = ({ code, what, where, why, todo }: Problem): Problem => ({
  code,
  what,
  ...(where !== undefined && { where }),
  ...(why !== undefined && { why }),
  todo,
});
