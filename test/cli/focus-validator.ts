import { existsSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { findPython } from '../../ops/setup/python-environment.mjs';

const FOLDER = resolve('.cache/focus-validator');
const LOCK = resolve('ops/focus-validator/requirements.lock');
/** The newest version of the specification that it knows. */
export const NEWEST_VERSION = '1.0';

/** Installs the FinOps Foundation's validator on first use; where that cannot be, why. */
export async function installValidator(): Promise<string | null> {
  const program = join(FOLDER, 'bin', 'focus-validator');
  if (existsSync(program)) return null;
  try {
    rmSync(FOLDER, { recursive: true, force: true });
    await execa(findPython(), ['-m', 'venv', FOLDER]);
    await execa(join(FOLDER, 'bin', 'pip'), [
      'install',
      '--quiet',
      '--require-hashes',
      '--requirement',
      LOCK,
    ]);
    return null;
  } catch (error) {
    rmSync(FOLDER, { recursive: true, force: true });
    return error instanceof Error ? error.message : String(error);
  }
}

/** What the validator says to a file. */
export async function validate(file: string) {
  const [python = ''] = await readdir(join(FOLDER, 'lib'));
  // It looks for its list of currencies relative to where it is installed.
  const cwd = join(FOLDER, 'lib', python, 'site-packages');
  const args = ['--data-file', file, '--validate-version', NEWEST_VERSION];
  const { stdout, stderr, exitCode } = await execa(join(FOLDER, 'bin', 'focus-validator'), args, {
    cwd,
    reject: false,
  });
  return { said: `${stdout}\n${stderr}`, exitCode };
}

export async function knownVersions(): Promise<readonly string[]> {
  const { stdout } = await execa(join(FOLDER, 'bin', 'focus-validator'), ['--supported-versions']);
  return stdout.split('\n').filter(Boolean);
}
