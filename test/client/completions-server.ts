import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { httpServer } from '../cluster/http-server.ts';

/** How a server of OpenAI's completions protocol behaves. */
export interface Manners {
  readonly models?: readonly string[];
  /** Of a completion's only choice. */
  readonly choice?: (request: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  readonly key?: string;
  /** Of a completion. */
  readonly status?: number;
  /** In the place of all answers. */
  readonly body?: string;
}

export const asVllm: NonNullable<Manners['choice']> = (request) =>
  request['return_token_ids'] === true ? { token_ids: [7], prompt_token_ids: request['prompt'] } : {};

/** One that runs until the test is over; `asked` are its paths. */
export async function completionsServer(manners: Manners = {}) {
  const { models = ['model'], choice = asVllm, key, status = 200, body } = manners;
  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? '');
    const sent = await text(request);
    if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) {
      response.writeHead(401).end('{}');
      return;
    }
    const isList = request.url === '/v1/models';
    const content = isList
      ? { data: models.map((id) => ({ id })) }
      : { choices: [choice(JSON.parse(sent) as Record<string, unknown>)] };
    response.writeHead(isList ? 200 : status).end(body ?? JSON.stringify(content));
  };
  const { url } = await httpServer((request, response) => void answer(request, response));
  return { url: `${url}/v1`, asked };
}
