import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SetupFault } from '../setup/tool.mjs';
import type { ListedRun } from './unfinished-runs.ts';

const run = promisify(execFile);

/** What stint prints with `--json` instead of runs. */
interface Refusal {
  readonly problems: readonly { readonly code: string; readonly what: string; readonly todo: string }[];
}

/**
 * All runs of the home in which `stint` would launch, newest first; none where there is no home yet.
 *
 * @throws SetupFault where they cannot be read, with what stint says.
 */
export async function listRuns(stint: string): Promise<readonly ListedRun[]> {
  try {
    const { stdout } = await run(process.execPath, [stint, 'runs', 'ls', '--json'], { maxBuffer: Infinity });
    return (JSON.parse(stdout) as { runs: readonly ListedRun[] }).runs;
  } catch (error) {
    const [problem] = refusalIn((error as { stdout?: string }).stdout ?? '').problems;
    if (problem?.code === 'no-home') return [];
    throw problem === undefined ? error : new SetupFault(problem.what, problem.todo);
  }
}

function refusalIn(output: string): Refusal {
  return output.startsWith('{') ? (JSON.parse(output) as Refusal) : { problems: [] };
}
