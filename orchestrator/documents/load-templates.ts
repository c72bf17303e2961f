import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Templates } from '../render/templates.ts';
import { readYaml } from './yaml-document.ts';

const FOLDER = fileURLToPath(new URL('../../job-templates/', import.meta.url));

/** The job templates that come with the source, parsed, holes open. */
export async function loadTemplates(): Promise<Templates> {
  return {
    service: await read('indexed-job/service'),
    spec: await read('indexed-job/spec'),
    job: await read('indexed-job/job'),
    stages: {
      prepare: await read('stages/prepare'),
      train: await read('stages/train'),
      export: await read('stages/export'),
      evaluate: await read('stages/evaluate'),
    },
  };
}

async function read(name: string): Promise<unknown> {
  const file = `${FOLDER}${name}.yaml`;
  return readYaml(await readFile(file, 'utf8'), file).value;
}
