import type { Answer, Question, Stint } from '../contract/routes.ts';
import {
  CONTRACT_VERSION,
  fieldsOfPath,
  filledPath,
  PREFIX,
  VERB_NAMES,
  VERBS,
  VERSION_HEADER,
  type VerbName,
} from '../contract/verbs.ts';
import { ERRORS } from '../errors/catalogue.ts';
import { type Problem, StintError } from '../errors/stint-error.ts';

export interface Server {
  /** As a person names it: `https://stint.example.org`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly signal: AbortSignal;
}

type Fields = Readonly<Record<string, unknown>>;

/** Stint at a server. Each verb is one request; what the server refuses is thrown as the same error that it threw there. */
export function remoteStint({ url, token, signal }: Server): Stint {
  const base = baseOf(url);
  const server = { url, signal, token: tokenOf(token) };
  const verbs = VERB_NAMES.map((name) => [
    name,
    async (question: Question<typeof name>) => ask(server, base, name, question),
  ]);
  // Each verb of the table, and nothing else: what `Stint` says of them all.
  return Object.fromEntries(verbs) as Stint;
}

async function ask<Name extends VerbName>(
  { url, token, signal }: Server,
  base: string,
  name: Name,
  question: Fields,
): Promise<Answer<Name>> {
  const { method, path } = VERBS[name];
  const inPath = fieldsOfPath(path);
  const rest = Object.entries(question).filter(
    ([field, value]) => !inPath.includes(field) && value !== undefined,
  );
  const target = new URL(
    `${base}${PREFIX}${filledPath(path, (field) => encodeURIComponent(String(question[field])))}`,
  );
  if (method === 'GET') for (const [field, value] of rest) target.searchParams.append(field, String(value));
  const response = await send(url, target, {
    method,
    signal,
    headers: {
      accept: 'application/json, application/problem+json',
      [VERSION_HEADER]: String(CONTRACT_VERSION),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(Object.fromEntries(rest)) }),
  });
  const body = await bodyOf(url, response);
  if (response.ok) return body as Answer<Name>;
  throw refusalOf(url, response.status, body);
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
    what: 'STINT_TOKEN holds what no token has: spaces, or characters beyond ASCII',
    todo: 'set it to what `stint tokens create` has printed',
  });
}

async function send(url: string, target: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(target, request);
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new StintError(
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
}

async function bodyOf(url: string, response: Response): Promise<unknown> {
  const spoken = response.headers.get(VERSION_HEADER);
  const type = response.headers.get('content-type') ?? '';
  if (spoken !== null && /^application\/(problem\+)?json\b/.test(type)) return response.json();
  throw new StintError({
    code: 'server-unreachable',
    where: url,
    what: `what answers there is no Stint server: HTTP ${response.status}, ${type || 'without a content type'}`,
    todo: 'name the address that `stint serve` has printed; a proxy before it has to pass its answers on',
  });
}

/** A newer server may know errors that this version does not: its words are kept, and what kind it is. */
function refusalOf(url: string, status: number, body: unknown): StintError {
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

/** Without what only documents have. */
const asProblem = ({ code, what, where, why, todo }: Problem): Problem => ({
  code,
  what,
  ...(where !== undefined && { where }),
  ...(why !== undefined && { why }),
  todo,
});
