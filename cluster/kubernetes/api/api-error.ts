import { z } from 'zod';
import type { Problem } from '../../../orchestrator/errors/stint-error.ts';
import { StintError } from '../../../orchestrator/errors/stint-error.ts';

/** What was asked of the API server, for a message. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly server: string;
  /** That leads to it. */
  readonly proxy?: string;
}

/** An answer of the API server that is not the wanted one, or none; told as a person can act on it. */
export class ApiError extends StintError {
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number;
  /** Asking again can help. */
  readonly passing: boolean;
  /** What the server asks for; 0 when it asks for nothing. */
  readonly retryAfterMs: number;

  constructor(
    problems: Problem | readonly Problem[],
    { status, passing, retryAfterMs = 0, cause }: Facts & { readonly cause?: unknown },
  ) {
    super(problems, { cause });
    this.status = status;
    this.passing = passing;
    this.retryAfterMs = retryAfterMs;
  }
}

interface Facts {
  readonly status: number;
  readonly passing: boolean;
  readonly retryAfterMs?: number;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
const StatusSchema = z.object({
  message: z.string().default(''),
  reason: z.string().default(''),
  code: z.int().optional(),
  details: z
    .object({
      retryAfterSeconds: z.number().optional(),
      causes: z
        .array(z.object({ field: z.string().default(''), message: z.string().default('') }))
        .default([]),
    })
    .optional(),
});
type Status = z.infer<typeof StatusSchema>;

/** An applied object with a field that the server does not know: answered with 500 (1.36), though no other try can help. */
const UNDECLARED = /failed to create typed patch object .*field not declared in schema/;

/** The error that an answer's body tells, or that an ERROR event of a watch carries; `answered` is its HTTP status. */
export function answeredError(
  asked: ApiRequest,
  answered: number,
  body: string,
  retryAfter?: string,
): ApiError {
  const told = parseStatus(body);
  const status = UNDECLARED.test(told.message) ? 422 : (told.code ?? answered);
  const seconds = Number(retryAfter ?? told.details?.retryAfterSeconds ?? 0);
  return new ApiError(problemsOf(asked, status, told), {
    status,
    passing: status === 429 || status >= 500,
    // A date is allowed in the header as well; the API server never sends one.
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1_000 : 0,
  });
}

/** Nobody could be found under this name, or whoever answers is not whom the certificate names: trying again is in vain. */
const HOPELESS = /^(ENOTFOUND|ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_INVALID|EPROTO)/;

/** There was no answer, or it broke off. */
export function unansweredError(asked: ApiRequest, error: unknown): ApiError {
  const { code = '', message } = rootOf(error);
  return new ApiError(
    {
      code: 'cluster-unreachable',
      where: asked.server,
      what: `the API server ${asked.server} did not answer${through(asked)}: ${spoken(message) || code}`,
      why: `asked for ${asked.method} ${asked.path}`,
      todo: 'see that the cluster is up and reachable from here (`kubectl get --raw /readyz`), then run the command again',
    },
    { status: 0, passing: !HOPELESS.test(code), cause: error },
  );
}

export const through = ({ proxy }: ApiRequest): string =>
  proxy === undefined ? '' : ` through the proxy ${proxy}`;

/** How OpenSSL says why a handshake failed: error:CODE:library:function:reason:file:line. */
const HANDSHAKE = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/;

function spoken(message: string): string {
  const [, reason = message] = HANDSHAKE.exec(message) ?? [];
  return reason === 'wrong version number' ? 'what answers there does not speak TLS' : reason;
}

type Told = Pick<Problem, 'code' | 'what' | 'todo'>;
/** What an answer means, if it is of this kind. */
type Reading = (answer: {
  readonly status: number;
  readonly words: string;
  readonly server: string;
}) => Told | undefined;

/** How an API server refuses what its authorizer does not allow. */
const NOT_ALLOWED =
  /User "([^"]+)" cannot (\w+) resource "([^"]+)"(?: in API group "([^"]*)")?(?: in the namespace "([^"]+)")?/;

/** The first that fits tells it; the most particular come first. */
const READINGS: readonly Reading[] = [
  ({ words }) => {
    const [, webhook, why] = /admission webhook "([^"]+)" denied the request:?\s*([\s\S]*)/.exec(words) ?? [];
    return webhook === undefined
      ? undefined
      : {
          code: 'refused-by-admission',
          what: `the cluster's policy ${webhook} refuses this: ${why}`,
          todo: 'change the recipe or the profile as it says, or ask whoever runs the cluster',
        };
  },
  ({ status, words }) => {
    const [, user, verb, plural, group, namespace] = NOT_ALLOWED.exec(words) ?? [];
    const resource = [plural, group].filter(Boolean).join('.');
    const where = namespace === undefined ? '' : ` -n ${namespace}`;
    return status !== 403 || user === undefined
      ? undefined
      : {
          code: 'cluster-forbidden',
          what: `the user "${user}" may not ${verb} ${resource}`,
          todo: `ask for a role that allows it; \`kubectl auth can-i ${verb} ${resource}${where}\` then says yes`,
        };
  },
  ({ status, words }) =>
    status === 403 && /exceeded quota/.test(words)
      ? {
          code: 'cluster-quota',
          what: `the namespace's quota does not allow it: ${words}`,
          todo: 'free some of it, or ask for more',
        }
      : undefined,
  // The words of Go's HTTP server.
  ({ status, words, server }) =>
    status === 400 && /HTTP request to an HTTPS server/.test(words)
      ? {
          code: 'cluster-unreachable',
          what: `the API server ${server} speaks TLS only`,
          todo: 'write https:// in place of http:// where the kubeconfig names the server',
        }
      : undefined,
  ({ status, words, server }) => BY_STATUS[status]?.(words, server),
  ({ status, words }) =>
    status >= 500
      ? {
          code: 'cluster-unavailable',
          what: `the API server cannot serve this now: ${words}`,
          todo: 'try again later',
        }
      : undefined,
];

const BY_STATUS: Readonly<Record<number, (words: string, server: string) => Told>> = {
  401: (_, server) => ({
    code: 'cluster-unauthorised',
    what: `the API server ${server} does not accept these credentials`,
    todo: 'log in to the cluster again; `kubectl auth whoami` then answers',
  }),
  403: (words) => ({
    code: 'refused-by-admission',
    what: `the cluster refuses this: ${words}`,
    todo: 'change the profile as it says',
  }),
  404: (words) => ({
    code: 'cluster-not-found',
    what: `it is not there: ${words}`,
    todo: 'see that the profile names what the cluster has; `stint doctor --cluster PROFILE` looks for it',
  }),
  409: (words) => ({
    code: 'cluster-conflict',
    what: `another owner has this object or some of its fields: ${words}`,
    todo: 'give the run another name, or remove the object if it is a leftover',
  }),
  410: (words) => ({
    code: 'cluster-expired',
    what: `what was known is too old: ${words}`,
    todo: 'list again',
  }),
  429: (words) => ({
    code: 'cluster-unavailable',
    what: `the API server cannot serve this now: ${words}`,
    todo: 'try again later',
  }),
};

function problemsOf(
  asked: ApiRequest,
  status: number,
  { message, reason, details }: Status,
): readonly Problem[] {
  const where = `${asked.method} ${asked.path}`;
  const words = message || `HTTP status ${status}`;
  const causes = details?.causes ?? [];
  if (reason === 'Invalid' && causes.length > 0)
    return causes.map((cause) => ({
      code: 'cluster-invalid',
      where: cause.field,
      what: `the cluster finds ${cause.field || 'the object'} invalid: ${cause.message}`,
      why: where,
      todo: 'correct the recipe or the profile where this field comes from',
    }));
  for (const read of READINGS) {
    const told = read({ status, words, server: asked.server });
    if (told) return [{ where, why: words, ...told }];
  }
  return [
    {
      code: 'cluster-invalid',
      where,
      what: `the API server finds this invalid: ${words}`,
      why: words,
      todo: 'correct the recipe or the profile',
    },
  ];
}

function parseStatus(body: string): Status {
  try {
    return StatusSchema.parse(JSON.parse(body));
  } catch {
    return { message: body.slice(0, 500).trim(), reason: '' };
  }
}

/** fetch-like libraries wrap the system's error. */
function rootOf(error: unknown): { readonly code?: string; readonly message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  if (error.cause instanceof Error) return rootOf(error.cause);
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return rootOf(error.errors[0]);
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { ...code, message: error.message };
}
