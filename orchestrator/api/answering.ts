import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../contract/caller.ts';
import { filledPath, PREFIX, VERSION_HEADER } from '../contract/verbs.ts';
import { isStintError, type StintError } from '../errors/stint-error.ts';
import { explainSystemError } from '../errors/system-error.ts';
import { problemReply } from './problem-reply.ts';
import { ownDefect, requireVersion, unknownCaller, wrongRequest } from './refusals.ts';
import type { Served } from './served.ts';

/** The path of a route below the prefix, as Fastify names its fields. */
export const routeOf = (path: string): string => `${PREFIX}${filledPath(path, (field) => `:${field}`)}`;

/** Who asks, by the token, in words that this server knows. @throws StintError `server-newer`, `token-unknown`. */
export async function callerOf(served: Served, { headers }: FastifyRequest): Promise<Caller> {
  requireVersion(headerText(headers[VERSION_HEADER]));
  const [, token] = /^Bearer ([\x21-\x7e]{1,12000})$/i.exec(headers.authorization ?? '') ?? [];
  const caller = token === undefined ? null : await served.callerOf(token);
  if (caller === null) throw unknownCaller();
  return caller;
}

/** Answers with a refusal. */
export function refuse(reply: FastifyReply, refusal: StintError): FastifyReply {
  const body = problemReply(refusal);
  if (body.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** Whatever was thrown, in the words of the catalogue; a defect leaves its cause in the log and its reference with who asked. */
export function asRefusal(error: unknown, served: Served): StintError {
  if (isStintError(error)) return error;
  const status = (error as { readonly statusCode?: number }).statusCode ?? 500;
  if (status >= 400 && status < 500) return wrongRequest((error as Error).message);
  const known = explainSystemError(error);
  if (known !== undefined) return known;
  const reference = crypto.randomUUID();
  served.defect(error, reference);
  return ownDefect(reference);
}

export const pathOf = ({ url }: FastifyRequest): string => url.replace(/\?.*$/s, '').slice(0, 200);

export const headerText = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.join(', ');
