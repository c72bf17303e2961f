// What somebody sends who should not be there: drawn at random, so that the same seed draws the same again.
import { FILE_PATH, STREAMS } from '../../orchestrator/contract/streams.ts';
import { VERBS } from '../../orchestrator/contract/verbs.ts';

/** Stands for the run that is asked about. */
export const RUN_HERE = '{run-here}';

export interface Hostile {
  /** The request as it goes over the wire, in latin-1. */
  readonly text: string;
  /** What was drawn, for whoever reads a failure. */
  readonly drawn: string;
}

type Random = () => number;

const pick = <Item>(random: Random, of: readonly Item[]): Item =>
  of[Math.floor(random() * of.length)] as Item;

const METHODS = [
  'GET',
  'POST',
  'PUT',
  'DELETE',
  'PATCH',
  'HEAD',
  'OPTIONS',
  'QUERY',
  'TRACE',
  'PROPFIND',
  'FOO',
  'get',
];

/** Every path that there is, each with the method that belongs to it. */
const ROUTES: readonly (readonly [string, string])[] = [
  ...Object.values(VERBS).map(({ method, path }) => [method, path] as const),
  ...Object.values(STREAMS).map(({ path }) => ['GET', path] as const),
  ['PUT', FILE_PATH] as const,
].map(([method, path]) => [method, `/api/v1${path.replace(/\{\w+\}/g, RUN_HERE)}`]);

/** What is done to a path that there is. */
const TWISTS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => path,
  (path) => path,
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => `${path}?limit=99999999&run=${RUN_HERE}`,
  (path) => `${path}?runs=${RUN_HERE},${RUN_HERE}&by=run`,
  (path) => `${path}?__proto__[x]=1&constructor=1`,
  (path) => `${path}%00`,
  (path) => `${path}%zz`,
  (path) => `${path}/../../../../etc/passwd`,
  (path) => `${path}/..%2f..%2f..%2fstint.db`,
  (path) => `/static/..;${path}`,
  (path) => path.replace('/api/v1', '/API/V1'),
  (path) => path.replace('/api/v1', '/api/v2'),
  (path) => path.replace('/api/v1', ''),
  (path) => `http://elsewhere.example${path}`,
  (path) => path + 'a'.repeat(9_000),
  () => '*',
  () => `/runs/${RUN_HERE}/logs/stint.jsonl`,
  () => `/.stint/stint.db`,
];

const BODIES: readonly string[] = [
  '{}',
  '{',
  'null',
  '[]',
  '"x"',
  `{"runs":["${RUN_HERE}"]}`,
  `{"run":"${RUN_HERE}"}`,
  `{"trainerStatus":{"progressPercentage":4},"run":"${RUN_HERE}"}`,
  `{"name":"mallory","role":"admin","run":"${RUN_HERE}"}`,
  '{"name":"mallory","role":"admin"}',
  '{"kind":"Budgets","budgets":[]}',
  `{"file":"/etc/passwd","recipe":{"kind":"FineTune"},"arms":[],"seen":[],"cluster":"laptop"}`,
  '{"__proto__":{"role":"admin"},"constructor":{"prototype":{}}}',
  '{"runs":"\u0000\u0001"}',
  '['.repeat(5_000),
  'a=1&b=2',
];

const TYPES = [
  'application/json',
  'text/plain',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  '',
];

const HEADERS: readonly string[] = [
  'stint-contract: 1',
  'stint-contract: 99',
  'stint-contract: \u00ff',
  'Last-Event-ID: state:1,train-a1-0:999999999999999999',
  'Idempotency-Key: once',
  'Idempotency-Key: \u0080',
  'Cookie: token=admin',
  'X-Forwarded-For: 127.0.0.1',
  'X-HTTP-Method-Override: DELETE',
  'Accept: text/html',
  'Authorization: Bearer twice',
  'no colon at all',
  ' : empty name',
  `X-Long: ${'x'.repeat(20_000)}`,
  'Expect: 200-maybe',
  'Upgrade: websocket',
  'Content-Length: 5',
];

const HUGE_BYTES = 3 << 20;

/** @param bearers - What may stand in `Authorization`; empty: nothing does. */
export function hostileRequest(random: Random, bearers: readonly string[]): Hostile {
  const [own, route] = pick(random, ROUTES);
  const method = random() < 0.7 ? own : pick(random, METHODS);
  const path = pick(random, TWISTS)(route);
  const bearer = pick(random, bearers);
  const isHuge = random() < 0.01;
  const body = isHuge ? `{"runs":["${'x'.repeat(HUGE_BYTES)}"]}` : pick(random, ['', ...BODIES]);
  const type = random() < 0.8 ? 'application/json' : pick(random, TYPES);
  const odd = random() < 0.4 ? [pick(random, HEADERS)] : [];
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: stint',
    'Connection: close',
    ...(bearer === '' ? [] : [`Authorization: ${bearer}`]),
    ...(body === '' ? [] : [`Content-Length: ${body.length}`]),
    ...(body === '' || type === '' ? [] : [`Content-Type: ${type}`]),
    ...odd,
  ];
  const drawn = `${method} ${path.slice(0, 120)} · ${bearer.slice(0, 24)} · ${odd.join().slice(0, 40)} · ${body.slice(0, 40)}`;
  return { text: `${lines.join('\r\n')}\r\n\r\n${body}`, drawn };
}
