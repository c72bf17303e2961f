import { statfs } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import type { MachineFindings } from '../../orchestrator/doctor/diagnose-machine.ts';

export interface MachineOptions {
  /** Where runs are kept; it need not be there yet. */
  readonly home: string;
  readonly pythonBin: string;
}

const VERSIONS = 'import sys, torch; print(sys.version.split()[0], torch.__version__)';

/** What this machine has for runs of the local backend. The trainer's packages are tried, not only looked for. */
export async function surveyMachine({ home, pythonBin }: MachineOptions): Promise<MachineFindings> {
  return {
    python: await trainerPython(join(pythonBin, 'python')),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    home,
    freeBytes: await freeBytes(home),
  };
}

async function trainerPython(python: string): Promise<MachineFindings['python']> {
  const { exitCode, stdout, stderr, failed } = await execa(python, ['-c', VERSIONS], { reject: false });
  const [version, torch] = stdout?.split(' ') ?? [];
  if (!failed && exitCode === 0 && version !== undefined && torch !== undefined) return { version, torch };
  return {
    trouble: {
      code: 'no-python-environment',
      where: python,
      what: `the Python environment of the trainer does not work: ${stderr?.trim().split('\n').at(-1) || 'it cannot be started'}`,
      todo: 'run `npm run setup`; what was interrupted is made afresh',
    },
  };
}

async function freeBytes(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing || dirname(folder) === folder) throw error;
    return freeBytes(dirname(folder));
  }
}
