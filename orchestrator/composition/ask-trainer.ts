import { join } from 'node:path';
import type { DataReader } from '../controller/data-reader.ts';
import type { Rehearser } from '../controller/rehearser.ts';
import { CHECKOUT, PYTHON_BIN } from './checkout.ts';

const PYTHON = join(PYTHON_BIN, 'python');

/** In Python, because only the trainer's own tokenizers count as the trainer does. */
export const dataReader = (signal: AbortSignal): DataReader => ({
  digest: async () => (await import('../documents/reader-digest.ts')).readerDigest(CHECKOUT),
  inspect: async (request, onProgress) => {
    const [{ requirePython }, { inspectData }] = await Promise.all([
      import('../documents/require-python.ts'),
      import('../inspection/inspect-data.ts'),
    ]);
    await requirePython(CHECKOUT);
    return inspectData(request, { checkout: CHECKOUT, python: PYTHON, onProgress, signal });
  },
});

/** In Python, because it is the trainer's own step. */
export const rehearser = (signal: AbortSignal): Rehearser => ({
  digest: async () => (await import('../documents/reader-digest.ts')).stepDigest(CHECKOUT),
  rehearse: async (request, onProgress) => {
    const [{ requirePython }, room] = await Promise.all([
      import('../documents/require-python.ts'),
      import('../inspection/rehearse-steps.ts'),
    ]);
    await requirePython(CHECKOUT);
    return room.rehearseSteps(request, { checkout: CHECKOUT, python: PYTHON, onProgress, signal });
  },
});
