import { CONTRACT_VERSION, PREFIX, VERSION_HEADER } from '../contract/verbs.ts';
import { ERRORS } from '../errors/catalogue.ts';
import { type Problem, StintError } from '../errors/stint-error.ts';

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

export interface Asked {
  readonly method: string;
  /** Below `PREFIX`, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestInit['body'];
  readonly signal?: AbortSignal;
}

/** @returns what a server answers where it does what was asked. @throws StintError `server-unreachable`, and what the server refuses with. */
export async function request({ url, token, signal: ended }: Server, asked: Asked): Promise<Response> {
  const { method, path, headers, body, signal = ended } = asked;
  const bearer = tokenOf(token);
  const init: RequestInit = {
    method,
    signal,
    headers: {
      accept: 'application/json, application/problem+json, text/event-stream',
      [VERSION_HEADER]: String(CONTRACT_VERSION),
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...headers,
    },
    ...(body != null && { body }),
  };
  const response = await send(url, `${baseOf(url)}${PREFIX}${path}`, init);
  requireStint(url, response);
  if (response.ok) return response;
  throw refusalOf(url, response.status, await response.json());
}

/** The error that a problem document of a server stands for. A newer server may know errors that this version does not. */
export function refusalOf(url: string, status: number, body: unknown): StintError {
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

async function send(url: string, target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, init);
  } catch (cause) {
    throw unreachable(url, cause);
  }
}

export function unreachable(url: string, cause: unknown): StintError {
  const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
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

function requireStint(url: string, { headers, status }: Response): void {
  const type = headers.get('content-type') ?? '';
  if (
    headers.get(VERSION_HEADER) !== null &&
    /^(application\/(problem\+)?json|text\/event-stream)\b/.test(type)
  )
    return;
  throw new StintError({
    code: 'server-unreachable',
    where: url,
    what: `what answers there is no Stint server: HTTP ${status}, ${type || 'without a content type'}`,
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
