import type { Role } from './roles.ts';

interface Verb {
  /** With GET nothing changes, and PUT may be repeated. */
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below `PREFIX`. A field of the input that stands in braces is in the path; the others are the query of a GET, or the body. */
  readonly path: `/${string}`;
  /** The least that may ask. */
  readonly role: Role;
}

export const PREFIX = '/api/v1';

/** Goes up when a field changes its meaning, which none has yet; a field that is added changes nothing. */
export const CONTRACT_VERSION = 1;
export const VERSION_HEADER = 'stint-contract';

/** All that Stint can be asked for. It stands apart from the schemas, so that a client loads no more than this. */
export const VERBS = {
  listRuns: { method: 'GET', path: '/runs', role: 'viewer' },
  planRuns: { method: 'POST', path: '/plans', role: 'viewer' },
  planSweep: { method: 'POST', path: '/sweeps', role: 'viewer' },
  findMissingFiles: { method: 'POST', path: '/files/missing', role: 'operator' },
  createRuns: { method: 'POST', path: '/runs', role: 'operator' },
  resumeRuns: { method: 'POST', path: '/runs/resume', role: 'operator' },
  getRun: { method: 'GET', path: '/runs/{run}', role: 'viewer' },
  reportStatus: { method: 'POST', path: '/runs/{run}/trainer-status', role: 'operator' },
  cancelRuns: { method: 'POST', path: '/runs/cancel', role: 'operator' },
  findLeftovers: { method: 'POST', path: '/runs/{run}/leftovers', role: 'admin' },
  releaseRun: { method: 'POST', path: '/runs/{run}/release', role: 'admin' },
  examineCluster: { method: 'POST', path: '/clusters/examine', role: 'operator' },
  listNodes: { method: 'POST', path: '/clusters/nodes', role: 'viewer' },
  compareRuns: { method: 'GET', path: '/comparison', role: 'viewer' },
  listPartings: { method: 'GET', path: '/comparison/partings', role: 'viewer' },
  listAnswers: { method: 'GET', path: '/runs/{run}/answers', role: 'viewer' },
  listFlips: { method: 'GET', path: '/runs/{run}/flips', role: 'viewer' },
  sumCost: { method: 'GET', path: '/costs', role: 'viewer' },
  listCharges: { method: 'GET', path: '/charges', role: 'viewer' },
  listCheckpoints: { method: 'GET', path: '/checkpoints', role: 'viewer' },
  getCheckpoint: { method: 'GET', path: '/checkpoints/{checkpoint}', role: 'viewer' },
  verifyCheckpoint: { method: 'POST', path: '/checkpoints/{checkpoint}/verify', role: 'operator' },
  listBudgets: { method: 'GET', path: '/budgets', role: 'viewer' },
  applyBudgets: { method: 'PUT', path: '/budgets', role: 'admin' },
  listTokens: { method: 'GET', path: '/tokens', role: 'admin' },
  createToken: { method: 'POST', path: '/tokens', role: 'admin' },
  revokeToken: { method: 'POST', path: '/tokens/{name}/revoke', role: 'admin' },
  verifyLedger: { method: 'POST', path: '/ledger/verify', role: 'viewer' },
} as const satisfies Readonly<Record<string, Verb>>;

export type VerbName = keyof typeof VERBS;
export const VERB_NAMES = Object.keys(VERBS) as readonly VerbName[];

/** Names of the fields that a path holds. */
export const fieldsOfPath = (path: string): readonly string[] =>
  [...path.matchAll(FIELD)].map(([, name]) => name ?? '');

/** The path with each of its fields as `fill` writes it. */
export const filledPath = (path: string, fill: (field: string) => string): string =>
  path.replace(FIELD, (_, field: string) => fill(field));

const FIELD = /\{(\w+)\}/g;
