import type { IncomingHttpHeaders } from 'node:http';
import { HttpMethod, type KubeConfig } from '@kubernetes/client-node';
import { type Dispatcher, request } from 'undici';
import { ApiError, type ApiRequest, answeredError, unansweredError } from './api-error.ts';
import { delayAfter, type Pace, pause } from './back-off.ts';
import { type Connection, makeConnection } from './connection.ts';
import { foreignError, isForeignRefusal, objectOf } from './foreign-answer.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** Of the body. Without one the server would take a patch for a JSON patch. */
  readonly contentType?: string;
  readonly signal: AbortSignal;
}

/** Both methods throw ApiError, and the signal's reason on abort. */
export interface ApiClient {
  /** The whole answer as raw JSON, so that no field is dropped and timestamps stay as they are. What may pass is tried again. */
  readonly json: (call: Call) => Promise<JsonObject>;
  /** The answer's bytes as they come, one try; an error after `silenceMs` without any. */
  readonly stream: (call: Call & { readonly silenceMs: number }) => Promise<AsyncIterable<Buffer>>;
}

const ANSWER_WITHIN_MS = 30_000;
/** Every call is safe to repeat: what is posted is a review, which the server answers and does not keep. With the pauses below: 8 s of an API server that starts again. */
const TRIES = 6;
const PACE: Pace = { shortestMs: 250, longestMs: 8_000 };

export interface ClientOptions {
  readonly pace?: Pace;
  /** Told what a credential plugin says, and that it is waited for. */
  readonly tell?: ((line: string) => void) | undefined;
}

/** A requester with the credentials that `load` gives: applied on every try, and loaded again when the server refuses them. */
export function apiClient(
  load: () => KubeConfig,
  { pace = PACE, tell = () => undefined }: ClientOptions = {},
): ApiClient {
  const connection = makeConnection(load, tell);

  async function attempt(call: Call, silenceMs: number): Promise<Dispatcher.ResponseData> {
    const { method = 'GET', body, contentType, signal } = call;
    const url = urlOf(connection.server(), call);
    const access = await connection.authenticated(url, HttpMethod[method], signal);
    return request(url, {
      method,
      ...(access.dispatcher && { dispatcher: access.dispatcher }),
      headers: {
        ...access.headers,
        accept: 'application/json',
        ...(contentType ? { 'content-type': contentType } : {}),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
    });
  }

  async function answer(call: Call, silenceMs: number): Promise<Dispatcher.ResponseData> {
    for (let refused = false; ; refused = true) {
      const response = await attempt(call, silenceMs);
      const { statusCode: status, headers } = response;
      if (status < 300) return response;
      const body = await response.body.text();
      if (status === 401 && !refused) {
        connection.loadAnew();
        continue;
      }
      throw refusal(asked(call), status, body, headers);
    }
  }

  async function explained<T>(call: Call, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      call.signal.throwIfAborted();
      throw error instanceof ApiError ? error : unansweredError(asked(call), error);
    }
  }

  async function json(call: Call): Promise<JsonObject> {
    for (let failures = 0; ; ) {
      try {
        return await explained(call, async () => {
          const { statusCode, body } = await answer(call, ANSWER_WITHIN_MS);
          return objectOf(asked(call), { status: statusCode, body: await body.text() });
        });
      } catch (error) {
        failures += 1;
        if (!(error instanceof ApiError && error.passing) || failures === TRIES) throw error;
        await pause(delayAfter(failures, error.retryAfterMs, pace), call.signal);
        call.signal.throwIfAborted();
      }
    }
  }

  async function stream(call: Call & { readonly silenceMs: number }): Promise<AsyncIterable<Buffer>> {
    const { body } = await explained(call, () => answer(call, call.silenceMs));
    return explainedChunks(call, body);
  }

  async function* explainedChunks(
    call: Call,
    chunks: AsyncIterable<Buffer>,
  ): AsyncGenerator<Buffer, void, void> {
    try {
      yield* chunks;
    } catch (error) {
      call.signal.throwIfAborted();
      throw unansweredError(asked(call), error);
    }
  }

  const asked = (call: Call) => requestOf(call, connection);

  return { json, stream };
}

function requestOf({ method = 'GET', path }: Call, { server, proxy }: Connection): ApiRequest {
  const by = proxy();
  return { method, path, server: server(), ...(by !== undefined && { proxy: by }) };
}

function refusal(asked: ApiRequest, status: number, body: string, headers: IncomingHttpHeaders): ApiError {
  const answered = { status, body, location: headers.location };
  if (isForeignRefusal(answered)) return foreignError(asked, answered);
  return answeredError(asked, status, body, headers['retry-after']);
}

function urlOf(server: string, { path, query = {} }: Call): string {
  const pairs = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return `${server}${path}${pairs.length > 0 ? `?${new URLSearchParams(pairs).toString()}` : ''}`;
}
