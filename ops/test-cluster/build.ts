import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { SetupFault } from '../setup/tool.mjs';
import { HOME, KUBERNETES, SOURCE } from './layout.ts';
import { kueueApi, lineUpOf, requiring, takesTrainJobs, versionOf } from './line-up.ts';

/** What is under test. */
const LINE_UP = lineUpOf(KUBERNETES);
/** In which words its Kueue is told of queues. */
export const KUEUE_API = kueueApi(LINE_UP);
/** Whether its Kubeflow Trainer takes what Stint renders. */
export const TAKES_TRAINJOBS = takesTrainJobs(LINE_UP);
/** From here on Go fetches by itself the version that a go.mod names. */
const GO_AT_LEAST = 21;

/** Folder of the programs, built if this very line-up is not there yet: five minutes on two cores, once. */
export async function build(say: (line: string) => void): Promise<string> {
  await requireGo();
  const folder = await programsFolder();
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const built = new Set<string>();
  for (const module of LINE_UP.modules) {
    const tools = (await toolsOf(module)).filter((tool) => !built.has(tool));
    say(`building ${module} (Go modules; minutes, once)`);
    await compile(module, tools, partial);
    for (const tool of tools) built.add(tool);
  }
  renameSync(partial, folder);
  return folder;
}

/** Where `build` has put the programs, or would; undefined without Go. */
export async function builtFolder(): Promise<string | undefined> {
  try {
    const folder = await programsFolder();
    return existsSync(folder) ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Folder of a module's source in Go's cache: its manifests are read from there. */
export async function moduleFolder(path: string): Promise<string> {
  const { stdout } = await execa('go', ['list', '-m', '-f', '{{.Dir}}', path], {
    cwd: sourceOf(requiring(LINE_UP, path)),
  });
  return stdout;
}

/** Import paths of the programs that a module is for. */
async function toolsOf(module: string): Promise<readonly string[]> {
  const { stdout } = await execa('go', ['mod', 'edit', '-json'], { cwd: sourceOf(module) });
  const { Tool = [] } = JSON.parse(stdout) as { readonly Tool?: readonly { readonly Path: string }[] };
  return Tool.map(({ Path }) => Path);
}

/** Named by what goes into it: the modules with their hashes and the Go that compiles them. */
async function programsFolder(): Promise<string> {
  const { stdout: go } = await execa('go', ['env', 'GOVERSION', 'GOARCH'], {
    cwd: sourceOf(LINE_UP.kubernetes),
  });
  const hash = createHash('sha256').update(go);
  for (const module of LINE_UP.modules)
    for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(sourceOf(module), file)));
  return join(HOME, `bin-${hash.digest('hex').slice(0, 16)}`);
}

async function requireGo(): Promise<void> {
  const { stdout } = await execa('go', ['version']).catch(() => ({ stdout: '' }));
  const [, minor] = /go1\.(\d+)/.exec(stdout) ?? [];
  if (minor === undefined || Number(minor) < GO_AT_LEAST)
    throw new SetupFault(
      `the test cluster is built with Go 1.${GO_AT_LEAST} or newer, and ${stdout === '' ? 'there is no go command' : `this is ${stdout}`}`,
      'install Go from https://go.dev/dl',
    );
}

async function compile(module: string, tools: readonly string[], into: string): Promise<void> {
  const stamp = module === LINE_UP.kubernetes ? versionFlags() : '';
  await execa(
    'nice',
    ['go', 'build', '-trimpath', '-buildvcs=false', `-ldflags=-s -w ${stamp}`, '-o', `${into}/`, ...tools],
    {
      cwd: sourceOf(module),
      // Fewer garbage collections: a tenth less processor time.
      env: { CGO_ENABLED: '0', GOGC: '400', GOFLAGS: '' },
      stderr: ['pipe', 'inherit'],
    },
  );
}

/** Without them the API server calls itself v0.0.0-master+$Format:%H$, which Kueue refuses to parse, and it exits. */
function versionFlags(): string {
  const version = `v${versionOf(LINE_UP, 'k8s.io/kubernetes')}`;
  const [major, minor] = version.slice(1).split('.');
  const values = {
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: 'none',
    buildDate: '1970-01-01T00:00:00Z',
  };
  const flags = Object.entries(values).map(
    ([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`,
  );
  return [...flags, `-X k8s.io/client-go/pkg/version.gitVersion=${version}`].join(' ');
}

const sourceOf = (module: string): string => join(SOURCE, module);
