import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Templates } from '../render/templates.ts';
import { readYaml } from './yaml-document.ts';

const FOLDER = fileURLToPath(new URL('../../job-templates/', import.meta.url));

/** The job templates that come with the source, parsed, holes open. */
export async function loadTemplates(): Promise<Templates> {
  return {
    pod: await read('pod'),
    spec: await read('spec'),
    service: await read('indexed-job/service'),
    job: await read('indexed-job/job'),
    jobSet: await read('jobset/jobset'),
    trainJob: await read('trainjob/trainjob'),
    runtime: await read('trainjob/runtime'),
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
