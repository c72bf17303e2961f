import { resolve } from 'node:path';
import type { DataReader } from '../../orchestrator/controller/data-reader.ts';
import { readerDigest } from '../../orchestrator/documents/reader-digest.ts';
import { inspectData } from '../../orchestrator/inspection/inspect-data.ts';

const CHECKOUT = resolve('.');

/** The trainer's own, as commands have it. */
export const trainersReader: DataReader = {
  digest: () => readerDigest(CHECKOUT),
  inspect: (request, onProgress) => {
    const { signal } = new AbortController();
    return inspectData(request, { checkout: CHECKOUT, python: '.venv/bin/python', onProgress, signal });
  },
};
