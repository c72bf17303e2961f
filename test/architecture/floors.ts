/** The floors, from the ground up. A room imports from rooms on lower floors only; on the ground also from its own. */
export const FLOORS = [
  {
    name: 'domain',
    rooms: [
      'orchestrator/errors',
      'orchestrator/contract',
      'orchestrator/units',
      'orchestrator/recipe',
      'orchestrator/profile',
      'orchestrator/wire',
      'orchestrator/plan',
      'orchestrator/render',
      'orchestrator/run',
      'orchestrator/ledger',
      'orchestrator/budget',
      'orchestrator/registry',
      'orchestrator/evaluation',
      'orchestrator/comparison',
      'orchestrator/doctor',
      'orchestrator/draft',
    ],
  },
  { name: 'ports', rooms: ['orchestrator/ports'] },
  // One adapter, too large for one room: each of its rooms knows those before it.
  { name: 'requests', rooms: ['cluster/kubernetes/api'] },
  { name: 'objects', rooms: ['cluster/kubernetes/objects'] },
  { name: 'observing', rooms: ['cluster/kubernetes/observe'] },
  { name: 'acting', rooms: ['cluster/kubernetes/act'] },
  { name: 'inspecting', rooms: ['cluster/kubernetes/inspect'] },
  {
    name: 'edges',
    rooms: [
      'cluster/local',
      'cluster/kubernetes',
      'orchestrator/store',
      'orchestrator/documents',
      'orchestrator/charts',
      'orchestrator/logging',
      'orchestrator/inspection',
      'orchestrator/client',
      'orchestrator/identity',
    ],
  },
  { name: 'controller', rooms: ['orchestrator/controller'] },
  { name: 'operations', rooms: ['orchestrator/operations'] },
  { name: 'api', rooms: ['orchestrator/api'] },
  { name: 'faces', rooms: ['orchestrator/cli'] },
  { name: 'composition', rooms: ['orchestrator/composition'] },
  { name: 'root', rooms: ['orchestrator/main'] },
] as const satisfies readonly { name: string; rooms: readonly string[] }[];

/** Where what a kubeconfig says is handed on. */
const KUBERNETES = ['api', 'act', 'inspect'].map((room) => `cluster/kubernetes/${room}`);

/** The rooms that may know a package; a package that is not here may not be imported at all. */
export const PACKAGES: Readonly<Record<string, readonly string[] | 'every room'>> = {
  zod: 'every room',
  execa: ['cluster/local'],
  '@kubernetes/client-node': ['cluster/kubernetes', ...KUBERNETES],
  undici: ['cluster/kubernetes/api'],
  kysely: ['orchestrator/store'],
  pg: ['orchestrator/store'],
  'node:sqlite': ['orchestrator/store'],
  vega: ['orchestrator/charts'],
  'vega-lite': ['orchestrator/charts'],
  yaml: ['orchestrator/documents'],
  jose: ['orchestrator/identity'],
  fastify: ['orchestrator/api'],
  'prom-client': ['orchestrator/api'],
  commander: ['orchestrator/cli'],
  'eventsource-parser/stream': ['orchestrator/client'],
  pino: ['orchestrator/logging'],
};

/** What the domain may not name: a clock, chance, the process, the outside, and anything that happens later. */
export const IMPURE: ReadonlySet<string> = new Set([
  'Date.now',
  'Date()',
  'new Date()',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'crypto.subtle',
  'process',
  'globalThis',
  'console',
  'fetch',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'async',
  'await',
]);

/** Rooms of a room: each has a floor of its own. */
const PARTED = /^cluster\/kubernetes\/[a-z]+(?=\/)/;

/** `orchestrator/plan/steps.ts` is in room `orchestrator/plan`, `orchestrator/main.ts` in `orchestrator/main`. */
export const roomOf = (path: string): string =>
  PARTED.exec(path)?.[0] ?? path.split('/').slice(0, 2).join('/').replace(/\.ts$/, '');

/** A room's floor, counted from the ground; -1 for a room that has none. */
export function floorOf(room: string): number {
  return FLOORS.findIndex(({ rooms }) => (rooms as readonly string[]).includes(room));
}

export const isOwnFile = (imported: string): boolean => imported.endsWith('.ts');
