import type { FastifyInstance, FastifyRequest } from 'fastify';
import { STREAMS, type StreamName } from '../contract/streams.ts';
import { CONTRACT_VERSION, VERSION_HEADER } from '../contract/verbs.ts';
import type { Streams } from '../operations/local-streams.ts';
import { oneOf } from '../recipe/one-of.ts';
import { StageSchema } from '../wire/job-spec.ts';
import { asRefusal, callerOf, headerText, routeOf } from './answering.ts';
import { type EventStream, streamTo } from './event-stream.ts';
import { problemReply } from './problem-reply.ts';
import { requireRole } from './refusals.ts';
import type { Served } from './served.ts';

/** How far a client came before its connection broke: a pod's lines by its name, or the number of an event. */
type After = ReadonlyMap<string, number>;

/** Routes that answer with server-sent events. Each may be asked again with `Last-Event-ID`, and goes on from there. */
export function addStreams(server: FastifyInstance, served: Served): void {
  const ended = new AbortController();
  // Who follows would keep the server from ending.
  server.addHook('preClose', async () => ended.abort());
  const add = (
    name: StreamName,
    work: (streams: Streams, request: FastifyRequest, stream: EventStream) => Promise<void>,
  ) =>
    server.get(routeOf(STREAMS[name].path), async (request, reply) => {
      const caller = await callerOf(served, request);
      requireRole(caller, STREAMS[name].role, name);
      const onFailure = (error: unknown) => problemReply(asRefusal(error, served));
      const headers = { [VERSION_HEADER]: String(CONTRACT_VERSION) };
      await streamTo(
        reply,
        ended.signal,
        headers,
        (stream) => work(served.streamsFor(caller), request, stream),
        onFailure,
      );
    });
  add('followRun', follow);
  add('readLogs', logs);
}

async function follow(
  streams: Streams,
  request: FastifyRequest,
  { signal, send }: EventStream,
): Promise<void> {
  const { run } = request.params as { readonly run: string };
  const state = await streams.followRun(run, {
    signal,
    after: afterOf(request).get('state') ?? -1,
    onProgress: (progress) => void send('progress', progress),
    onState: (at, seq) => void send('progress', { kind: 'state', run, state: at }, `state:${seq}`),
  });
  if (state !== null) await send('end', { state });
}

async function logs(streams: Streams, request: FastifyRequest, { signal, send }: EventStream): Promise<void> {
  const { run } = request.params as { readonly run: string };
  const { stage, follow: followed = 'false' } = request.query as Readonly<Record<string, string | undefined>>;
  const only = stage === undefined ? undefined : oneOf('stage', stage, StageSchema.options);
  const after = afterOf(request);
  const counts = new Map<string, number>();
  const state = await streams.readLogs(run, {
    stage: only,
    follow: followed === 'true',
    signal,
    onLine: async (line) => {
      const number = (counts.get(line.name) ?? 0) + 1;
      counts.set(line.name, number);
      if (number > (after.get(line.name) ?? 0)) await send('line', line, `${line.name}:${number}`);
    },
    onNote: (message) => void send('note', { message }),
  });
  // Where the signal ended it, nothing has come to an end.
  if (!signal.aborted) await send('end', { state });
}

/** Several ids may stand there: a run has many pods. */
function afterOf({ headers }: FastifyRequest): After {
  const ids = (headerText(headers['last-event-id']) ?? '')
    .split(',')
    .map((id) => /^\s*([\w-]{1,100}):(\d{1,12})\s*$/.exec(id));
  return new Map(ids.flatMap((id) => (id === null ? [] : [[id[1] ?? '', Number(id[2])] as const])));
}
