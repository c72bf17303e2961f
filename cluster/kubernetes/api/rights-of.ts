import type { Call } from './client.ts';

/** What an API server asks its authorizer about a call. */
export interface AskedRight {
  readonly verb: string;
  /** Empty for the core API. */
  readonly group: string;
  /** Plural, for example `pods` or `pods/log`. */
  readonly resource: string;
  /** Null for the whole cluster. */
  readonly namespace: string | null;
}

const VERBS = { PATCH: 'patch', DELETE: 'delete', POST: 'create' } as const;

/**
 * The rights that a call takes, read from the call itself, so that nothing has to be said twice. None for what is no
 * resource (`/version`, `/apis`), which everybody may see.
 */
export function rightsOf(
  call: Pick<Call, 'method' | 'path' | 'query' | 'contentType'>,
): readonly AskedRight[] {
  const { method = 'GET', path, query = {}, contentType = '' } = call;
  const { plural, name, part, group, namespace } = placeIn(path);
  if (plural === undefined) return [];
  const resource = part === undefined ? plural : `${plural}/${part}`;
  const reading = query['watch'] === true ? 'watch' : name === undefined ? 'list' : 'get';
  const verb = method === 'GET' ? reading : VERBS[method];
  // An object that is applied and not there is made.
  const verbs = contentType.startsWith('application/apply-patch') ? [verb, 'create'] : [verb];
  return verbs.map((each) => ({ verb: each, group, resource, namespace }));
}

/** `/apis/GROUP/VERSION/namespaces/NAMESPACE/PLURAL/NAME/PART`, or `/api/VERSION/…` of the core. */
function placeIn(path: string) {
  const [root, ...parts] = path.split('/').filter(Boolean);
  const group = root === 'apis' ? (parts.shift() ?? '') : '';
  const [, ...rest] = parts;
  const isIn = rest[0] === 'namespaces';
  const [plural, name, part] = isIn && rest.length > 2 ? rest.slice(2) : rest;
  // A namespace is asked for in itself: a Role in it may grant that.
  return { plural, name, part, group, namespace: isIn ? (rest[1] ?? null) : null };
}

/** What a person is told to ask for to see something: `get nodes`. */
export function spokenRight(call: Pick<Call, 'method' | 'path' | 'query'>): string {
  const [right] = rightsOf(call);
  return right === undefined ? `get ${call.path}` : `${right.verb} ${right.resource}`;
}
