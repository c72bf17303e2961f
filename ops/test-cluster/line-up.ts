import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE } from './layout.ts';

/**
 * One module holds Kubernetes and its controllers, because their releases are built on the same k8s.io libraries. Another
 * version of Kubernetes has a module of its own, and what it lacks (etcd, KWOK, the controllers) is this one's.
 */
const WHOLE = 'kubernetes/1.36';
/** CoreDNS is built on other libraries. */
const DNS = 'dns';

/** What runs beside a version of Kubernetes, by the folders of its Go modules: a program is taken from the first that has it. */
export interface LineUp {
  readonly kubernetes: string;
  readonly modules: readonly string[];
}

/** A version of Kubernetes that today's controllers refuse to run on has a module of older ones, `controllers`. */
export function lineUpOf(version: string): LineUp {
  const kubernetes = `kubernetes/${version}`;
  const controllers = `${kubernetes}/controllers`;
  const own = existsSync(join(SOURCE, controllers)) ? [controllers] : [];
  return { kubernetes, modules: [...new Set([kubernetes, ...own, WHOLE, DNS])] };
}

/** Version of a Go module, as the first of a line-up that requires it says. */
export function versionOf({ modules }: LineUp, path: string): string {
  for (const module of modules) {
    const [, version] = new RegExp(`\\s${path} v(\\S+)`).exec(textOf(module)) ?? [];
    if (version !== undefined) return version;
  }
  throw new Error(`no module of ${modules.join(', ')} requires ${path}`);
}

/** Folder of the module out of which a line-up takes a Go module. */
export function requiring({ modules }: LineUp, path: string): string {
  const found = modules.find((module) => textOf(module).includes(`\t${path} v`));
  if (found === undefined) throw new Error(`no module of ${modules.join(', ')} requires ${path}`);
  return found;
}

/** Version of the API in which a line-up's Kueue is told of queues; from 0.15 on it serves v1beta2. */
export function kueueApi(lineUp: LineUp): 'v1beta1' | 'v1beta2' {
  return isAtLeast(lineUp, 'sigs.k8s.io/kueue', [0, 15]) ? 'v1beta2' : 'v1beta1';
}

/** Older ones know no deadline of a TrainJob, without which a stage that hangs would hold its devices for ever. */
export function takesTrainJobs(lineUp: LineUp): boolean {
  return isAtLeast(lineUp, 'github.com/kubeflow/trainer/v2', [2, 3]);
}

function isAtLeast(
  lineUp: LineUp,
  path: string,
  [leastMajor, leastMinor]: readonly [number, number],
): boolean {
  const [major = 0, minor = 0] = versionOf(lineUp, path).split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

const textOf = (module: string): string => readFileSync(join(SOURCE, module, 'go.mod'), 'utf8');
