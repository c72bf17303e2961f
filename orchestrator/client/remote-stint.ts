import type { Answer, Question, Stint } from '../contract/routes.ts';
import { fieldsOfPath, filledPath, VERB_NAMES, VERBS, type VerbName } from '../contract/verbs.ts';
import { askAgain } from './ask-again.ts';
import { json, request, requireUsable, type Server, type ServerRequest } from './request.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Stint at a server. Each verb is one request; what the server refuses is thrown as the same error that it threw there. What changes
 * something is asked under a key, so that it can be asked again when its answer was lost.
 */
export function remoteStint(server: Server): Stint {
  requireUsable(server);
  const verbs = VERB_NAMES.map((name) => [
    name,
    async (question: Question<typeof name>) => ask(server, name, question),
  ]);
  // Each verb of the table, and nothing else: what `Stint` says of them all.
  return Object.fromEntries(verbs) as Stint;
}

function ask<Name extends VerbName>(server: Server, name: Name, question: Fields): Promise<Answer<Name>> {
  const { method, path } = VERBS[name];
  const inPath = fieldsOfPath(path);
  const rest = Object.entries(question).filter(
    ([field, value]) => !inPath.includes(field) && value !== undefined,
  );
  const target = filledPath(path, (field) => encodeURIComponent(String(question[field])));
  if (method === 'GET') {
    const query = new URLSearchParams(
      rest.map(([field, value]): [string, string] => [field, String(value)]),
    ).toString();
    const asked = { method, path: query === '' ? target : `${target}?${query}` };
    return askAgain(server.signal, async () => answerTo<Name>(server, asked));
  }
  const asked = {
    method,
    path: target,
    headers: {
      'content-type': 'application/json',
      ...(method === 'POST' && { 'idempotency-key': crypto.randomUUID() }),
    },
    body: JSON.stringify(Object.fromEntries(rest)),
  };
  return askAgain(server.signal, async () => answerTo<Name>(server, asked), method === 'POST');
}

async function answerTo<Name extends VerbName>(server: Server, asked: ServerRequest): Promise<Answer<Name>> {
  return (await json(server.url, await request(server, asked))) as Answer<Name>;
}
