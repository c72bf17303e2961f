import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Caller } from '../contract/caller.ts';
import { FILE_PATH, FILE_ROLE } from '../contract/streams.ts';
import { Sha256 } from '../contract/submission.ts';
import { StintError } from '../errors/stint-error.ts';
import { callerOf, routeOf } from './answering.ts';
import { requireRole } from './refusals.ts';
import type { Served } from './served.ts';

const OCTETS = 'application/octet-stream';

/** Takes what runs read, by content. It goes to the disk as it comes, however large it is. */
export function addFiles(server: FastifyInstance, served: Served): void {
  // In a scope of its own: nothing else takes octets, and here nothing else is taken.
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(OCTETS, (_, payload, done) => done(null, payload));
    const callers = new WeakMap<FastifyRequest, Caller>();
    scope.put(routeOf(FILE_PATH), {
      // Before anything of the body is read: whoever may not send reads a refusal at once.
      onRequest: async (request) => {
        const caller = await callerOf(served, request);
        requireRole(caller, FILE_ROLE, 'files');
        callers.set(request, caller);
      },
      handler: async (request) => {
        const { content } = request.params as { readonly content: string };
        if (!Sha256.safeParse(content).success) throw noDigest(content);
        // A request without a body sends the empty file.
        await served.uploads.keep(content, (request.body as Readable | undefined) ?? Readable.from([]));
        served.audit({
          caller: callers.get(request)?.name ?? '',
          verb: 'sendFile',
          question: { content },
          status: 200,
        });
        return { content };
      },
    });
  });
}

const noDigest = (content: string): StintError =>
  new StintError({
    code: 'wrong-field',
    where: 'content',
    what: `${JSON.stringify(content)} is no digest`,
    why: 'expected sha256: and 64 hexadecimal digits',
    todo: 'name the file by the sha256 of its bytes',
  });
