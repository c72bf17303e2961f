import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { Caller } from '../contract/caller.ts';
import { openApi } from '../contract/open-api.ts';
import { CONTRACT_VERSION, VERB_NAMES, VERBS, VERSION_HEADER, type VerbName } from '../contract/verbs.ts';
import type { Once } from '../operations/desk.ts';
import { addFiles } from './add-files.ts';
import { addStreams } from './add-streams.ts';
import { asRefusal, callerOf, headerText, pathOf, refuse, routeOf } from './answering.ts';
import { auditedText } from './audited-text.ts';
import { askOnce, keyOf } from './keyed.ts';
import { letHear } from './let-hear.ts';
import { readQuestion } from './read-question.ts';
import { noSuchRoute, requireVerb, wrongRequest } from './refusals.ts';
import type { Served } from './served.ts';

/** Who sends a recipe sends the length of each row of its data with it, and there may be a hundred thousand. */
const SUBMISSION_BYTES = 64 << 20;
/** A trainer says every few seconds how far it is, and changes nothing else by it. */
const UNAUDITED: ReadonlySet<VerbName> = new Set(['reportStatus']);
const TAKES_SUBMISSIONS: ReadonlySet<VerbName> = new Set(['planRuns', 'planSweep', 'createRuns']);

/** The routes of the contract over HTTP, made in one loop; nothing but health, metrics and the description without a token. */
export function makeServer(served: Served): FastifyInstance {
  const server = fastify({
    // Who ends the server waits for answers under way, and not for connections that are kept open.
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => {
      letHear(request.raw, reply.raw);
      refuse(reply.header(VERSION_HEADER, String(CONTRACT_VERSION)), wrongRequest(error.message));
    },
  });
  const description = openApi(served.version);
  server.addHook('onSend', async (request, reply) => {
    letHear(request.raw, reply.raw);
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
  const underWay = new Set<string>();
  for (const name of VERB_NAMES) addRoute(server, served, name, underWay);
  addStreams(server, served);
  addFiles(server, served);
  return server;
}

function addRoute(server: FastifyInstance, served: Served, name: VerbName, underWay: Set<string>): void {
  const { method, path } = VERBS[name];
  const { answers, now } = served;
  const callers = new WeakMap<FastifyRequest, Caller>();
  server.route({
    method,
    // Before anything of the body is read: nobody who is not known makes the server hold or parse what they send.
    onRequest: async (request) => void callers.set(request, await callerOf(served, request)),
    ...(TAKES_SUBMISSIONS.has(name) && { bodyLimit: SUBMISSION_BYTES }),
    url: routeOf(path),
    handler: async (request, reply) => {
      const caller = callers.get(request);
      if (caller === undefined) throw new Error('who asks is known before a request is handled');
      let status = 200;
      let answer: unknown = reply;
      const began = performance.now();
      const { params, query, body, headers } = request;
      try {
        requireVerb(caller, name);
        const question = readQuestion(name, { params, query, body });
        // The schema has judged it, so it is what this verb takes.
        const ask = async (once?: Once) =>
          (served.stintFor(caller, once)[name] as (question: unknown) => Promise<unknown>)(question);
        const key = method === 'POST' ? keyOf(headerText(headers['idempotency-key'])) : null;
        if (key === null) answer = await ask();
        else {
          const asked = { caller: caller.name, key, name, question };
          const given = await askOnce({ answers, now, underWay }, asked, ask);
          if (given.isReplayed) reply.header('idempotency-replayed', 'true');
          answer = given.answer;
        }
      } catch (error) {
        status = refuse(reply, asRefusal(error, served)).statusCode;
      } finally {
        served.metrics.answered(name, status, (performance.now() - began) / 1000);
        if (method !== 'GET' && !(status === 200 && UNAUDITED.has(name)))
          served.audit({
            caller: caller.name,
            verb: name,
            question: auditedText({ ...(params as object), body }),
            status,
          });
      }
      return answer;
    },
  });
}
