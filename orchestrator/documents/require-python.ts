import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { StintError } from '../errors/stint-error.ts';

/** @throws StintError `no-python-environment` when the trainer's packages are not installed in the checkout. */
export async function requirePython(checkout: string): Promise<void> {
  const torchrun = join(checkout, '.venv', 'bin', 'torchrun');
  await access(torchrun).catch((cause: unknown) => {
    throw new StintError(
      {
        code: 'no-python-environment',
        where: torchrun,
        what: 'the Python environment of the trainer is not installed',
        why: 'the local backend runs the trainer from it, and the trainer’s tokenizers measure data',
        todo: 'run `npm run setup`; it needs Python 3.11 or newer',
      },
      { cause },
    );
  });
}
