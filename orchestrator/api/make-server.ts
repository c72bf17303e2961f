import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { Caller } from '../contract/caller.ts';
import { openApi } from '../contract/open-api.ts';
import type { Stint } from '../contract/routes.ts';
import {
  CONTRACT_VERSION,
  filledPath,
  PREFIX,
  VERB_NAMES,
  VERBS,
  VERSION_HEADER,
  type VerbName,
} from '../contract/verbs.ts';
import { isStintError, type StintError } from '../errors/stint-error.ts';
import { explainSystemError } from '../errors/system-error.ts';
import type { Metrics } from './metrics.ts';
import { problemReply } from './problem-reply.ts';
import { readQuestion } from './read-question.ts';
import {
  noSuchRoute,
  ownDefect,
  requireRole,
  requireVersion,
  unknownCaller,
  wrongRequest,
} from './refusals.ts';

/** What a server answers for. */
export interface Served {
  readonly version: string;
  /** Null where the token does not hold. */
  readonly callerOf: (token: string) => Promise<Caller | null>;
  readonly stintFor: (caller: Caller) => Stint;
  /** Throws while the server cannot work: its store does not answer. */
  readonly requireReady: () => Promise<void>;
  readonly metrics: Metrics;
  /** Of each request that changes something, once it was answered. */
  readonly audit: (line: AuditLine) => void;
  /** A fault of Stint's, and the reference that who asked was given. */
  readonly defect: (error: unknown, reference: string) => void;
}

export interface AuditLine {
  readonly caller: string;
  readonly verb: VerbName;
  readonly question: unknown;
  readonly status: number;
}

/** The routes of the contract over HTTP, made in one loop; nothing but health, metrics and the description without a token. */
export function makeServer(served: Served): FastifyInstance {
  const server = fastify({
    // Who ends the server waits for answers under way, and not for connections that are kept open.
    forceCloseConnections: 'idle',
    frameworkErrors: (error, _, reply) => {
      refuse(reply.header(VERSION_HEADER, String(CONTRACT_VERSION)), wrongRequest(error.message));
    },
  });
  const description = openApi(served.version);
  server.addHook('onSend', async (_, reply) => {
    reply.header(VERSION_HEADER, String(CONTRACT_VERSION));
  });
  server.setErrorHandler((error, _, reply) => refuse(reply, asRefusal(error, served)));
  server.setNotFoundHandler((request, reply) => refuse(reply, noSuchRoute(request.method, pathOf(request))));
  server.get('/healthz', async () => ({ ok: true }));
  server.get('/readyz', async () => {
    await served.requireReady();
    return { ok: true };
  });
  server.get('/openapi.json', async () => description);
  server.get('/metrics', async (_, reply) => {
    const { type, text } = await served.metrics.read();
    return reply.type(type).send(text);
  });
  for (const name of VERB_NAMES) addRoute(server, served, name);
  return server;
}

function addRoute(server: FastifyInstance, served: Served, name: VerbName): void {
  const { method, path } = VERBS[name];
  server.route({
    method,
    url: `${PREFIX}${filledPath(path, (field) => `:${field}`)}`,
    handler: async (request, reply) => {
      requireVersion(oneOf(request.headers[VERSION_HEADER]));
      const caller = await callerOf(served, request);
      let status = 200;
      let answer: unknown = reply;
      const began = performance.now();
      const { params, query, body } = request;
      try {
        requireRole(caller, name);
        const question = readQuestion(name, { params, query, body });
        // The schema has judged it, so it is what this verb takes.
        const ask = served.stintFor(caller)[name] as (question: unknown) => Promise<unknown>;
        answer = await ask(question);
      } catch (error) {
        status = refuse(reply, asRefusal(error, served)).statusCode;
      } finally {
        served.metrics.answered(name, status, (performance.now() - began) / 1000);
        if (method !== 'GET')
          served.audit({
            caller: caller.name,
            verb: name,
            question: { ...(params as object), body },
            status,
          });
      }
      return answer;
    },
  });
}

async function callerOf(served: Served, { headers }: FastifyRequest): Promise<Caller> {
  const [, token] = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(headers.authorization ?? '') ?? [];
  const caller = token === undefined ? null : await served.callerOf(token);
  if (caller === null) throw unknownCaller();
  return caller;
}

function refuse(reply: FastifyReply, refusal: StintError): FastifyReply {
  const body = problemReply(refusal);
  if (body.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
}

function asRefusal(error: unknown, served: Served): StintError {
  if (isStintError(error)) return error;
  const status = (error as { readonly statusCode?: number }).statusCode ?? 500;
  if (status >= 400 && status < 500) return wrongRequest((error as Error).message);
  const known = explainSystemError(error);
  if (known !== undefined) return known;
  const reference = crypto.randomUUID();
  served.defect(error, reference);
  return ownDefect(reference);
}

const pathOf = ({ url }: FastifyRequest): string => url.replace(/\?.*$/s, '').slice(0, 200);

const oneOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.join(', ');
