import { z } from 'zod';
import { parseJson } from '../../../orchestrator/wire/parse-json.ts';
import { ApiError, type ApiRequest, through } from './api-error.ts';

/** What came back, from whoever answers there. */
export interface Answered {
  readonly status: number;
  readonly body: string;
  /** Of a redirect. */
  readonly location?: string | undefined;
}

/** Every object has a kind, the answer to /version a gitVersion. https://kubernetes.io/docs/reference/using-api/api-concepts/ */
const ObjectSchema = z.union([z.object({ kind: z.string() }), z.object({ gitVersion: z.string() })]);
const RefusalSchema = z.object({ kind: z.literal('Status') });

/** What the API server answers that has no reader: its Status is always JSON, its plainest refusals are lines of text. */
const PAGE = /^\s*</;

/**
 * Whether a login page, a proxy or a gateway refuses in place of the API server. Nothing is known of the cluster then: taken for
 * its word, another's 404 would be a pod that is gone.
 */
export function isForeignRefusal({ status, body }: Answered): boolean {
  // What stands before an API server may do the login, and its refusal means the same.
  if (status === 401) return false;
  if (status < 400) return true;
  const parsed = parseJson(body);
  return parsed === undefined ? PAGE.test(body) : !RefusalSchema.safeParse(parsed).success;
}

/**
 * The object that an API server answers with.
 *
 * @throws ApiError when it is none: another's list without items would be a run without pods
 */
export function objectOf(asked: ApiRequest, answered: Answered): Readonly<Record<string, unknown>> {
  const parsed = parseJson(answered.body);
  if (!ObjectSchema.safeParse(parsed).success) throw foreignError(asked, answered);
  return parsed as Readonly<Record<string, unknown>>;
}

/** It may pass, as when a network asks for a login, so it is told as an API server that cannot be reached. */
export function foreignError(asked: ApiRequest, answered: Answered): ApiError {
  const { status, location } = answered;
  const to = location === undefined ? '' : ` to ${location}`;
  return new ApiError(
    {
      code: 'cluster-unreachable',
      where: asked.server,
      what: `at ${asked.server}${through(asked)} something answers that is no Kubernetes API server: HTTP status ${status}${to}, ${shown(answered)}`,
      why: `asked for ${asked.method} ${asked.path}`,
      todo: 'see that the kubeconfig names the API server, and that no login page, proxy or gateway answers in its place: `kubectl get --raw /readyz` then says ok',
    },
    { status: 0, passing: true },
  );
}

function shown({ body }: Answered): string {
  if (PAGE.test(body)) return 'a web page';
  const words = body.trim().replaceAll(/\s+/g, ' ');
  return words === '' ? 'nothing' : `"${words.length > 100 ? `${words.slice(0, 100)}…` : words}"`;
}
