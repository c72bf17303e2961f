import { text as textOf } from 'node:stream/consumers';
import type { NamedServer, ServerSeen, TokenManners } from '../plan/server-answers.ts';
import { parseJson } from '../wire/parse-json.ts';
import { overHttp } from './over-http.ts';

/** A plan waits no longer; a model that is asked for one token of a server that is awake answers in less. */
const PATIENCE_MILLISECONDS = 5_000;
const TOKEN = 0;
/** How servers are made to say their tokens: trainer/evaluate/completions.py. */
const WAYS = [{ return_token_ids: true }, { return_tokens_as_token_ids: true, logprobs: 0 }] as const;

/** Asks a server which models it serves, and one that decodes for one token. */
export async function probeServer(
  { field, url, model }: NamedServer,
  interrupt: AbortSignal,
): Promise<ServerSeen> {
  const key = process.env[field === 'evaluation.judge' ? 'STINT_JUDGE_KEY' : 'STINT_ENDPOINT_KEY'];
  const ask = asker(url.replace(/\/+$/, ''), key, interrupt);
  try {
    const listed = await ask('GET', '/models');
    if (listed.status !== 200) return { kind: 'refused', status: listed.status };
    const models = namesIn(listed.body);
    if (models === null) return { kind: 'foreign' };
    const asked = model ?? (models.length === 1 ? models[0] : undefined);
    const decodes = field === 'evaluation.engine' && asked !== undefined && models.includes(asked);
    return { kind: 'serves', models, tokens: decodes ? await mannersOf(ask, asked) : null };
  } catch (error) {
    if (interrupt.aborted) throw error;
    return { kind: 'silent', why: whyOf(error) };
  }
}

interface Heard {
  readonly status: number;
  /** Undefined for what is no JSON. */
  readonly body: unknown;
}

type Ask = (method: 'GET' | 'POST', path: string, content?: unknown) => Promise<Heard>;

function asker(base: string, key: string | undefined, interrupt: AbortSignal): Ask {
  return async (method, path, content) => {
    const signal = AbortSignal.any([interrupt, AbortSignal.timeout(PATIENCE_MILLISECONDS)]);
    const answer = await overHttp(base + path, {
      method,
      signal,
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      ...(content !== undefined && { body: JSON.stringify(content) }),
    });
    return { status: answer.statusCode ?? 0, body: parseJson(await textOf(answer)) };
  };
}

async function mannersOf(ask: Ask, model: string): Promise<TokenManners> {
  let manners: TokenManners = 'untold';
  for (const way of WAYS) {
    const request = { model, prompt: [TOKEN], max_tokens: 1, temperature: 0, ...way };
    const { status, body } = await ask('POST', '/completions', request);
    // Of a server that is busy or broken just now nothing follows.
    if ([401, 403, 429].includes(status) || status >= 500)
      throw new Error(`it answered ${status} when it was asked for a token`);
    manners = status === 200 ? readManners(body) : 'refused';
    if (manners === 'told' || manners === 'misread') return manners;
  }
  return manners;
}

function readManners(body: unknown): TokenManners {
  const choice = fieldOf(body, 'choices', 0);
  const read = fieldOf(choice, 'prompt_token_ids');
  if (Array.isArray(read) && (read.length !== 1 || read[0] !== TOKEN)) return 'misread';
  if (Array.isArray(fieldOf(choice, 'token_ids'))) return 'told';
  const names = fieldOf(choice, 'logprobs', 'tokens');
  const areIds = Array.isArray(names) && names.every((name) => /^token_id:\d+$/.test(String(name)));
  return areIds ? 'told' : 'untold';
}

function namesIn(body: unknown): readonly string[] | null {
  const data = fieldOf(body, 'data');
  if (!Array.isArray(data)) return null;
  return data.flatMap((each) => {
    const id = fieldOf(each, 'id');
    return typeof id === 'string' ? [id] : [];
  });
}

/** A field of a field of what may be anything. */
function fieldOf(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null
        ? (found as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
}

function whyOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'it said nothing for 5 seconds';
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : String(error);
}
