import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, hashMemory } from '../documents/cache-folder.ts';
import { digestOf } from '../documents/digest.ts';
import { hashFiles } from '../documents/input-files.ts';
import { keptAnswers } from '../documents/kept-answers.ts';
import { inTextOrder } from '../documents/text-order.ts';
import {
  type Inspection,
  type InspectionRequest,
  InspectionRequestSchema,
  InspectionSchema,
} from '../wire/inspection.ts';
import type { DataReader, OnRead } from './data-reader.ts';

/** What of a model's folder decides an answer: its tokens and its architecture, not its weights. */
const ASKED_OF_MODEL = ['tokenizer.json', 'tokenizer_config.json', 'config.json'];

/** Data is read once for its content: the answer is kept by the digests of all that it follows from. */
export async function inspectKept(
  reader: DataReader,
  home: string,
  request: InspectionRequest,
  onRead: OnRead,
): Promise<Inspection> {
  const kept = keptAnswers(join(cacheFolder(home), 'inspections'), InspectionSchema);
  const key = await keyOf(reader, hashMemory(home), InspectionRequestSchema.parse(request));
  const known = await kept.find(key);
  if (known !== undefined) return known;
  const answer = await reader.inspect(request, onRead);
  await kept.keep(key, answer);
  return answer;
}

async function keyOf(reader: DataReader, memory: string, request: InspectionRequest): Promise<string> {
  const { model } = request;
  const folder = model !== null && 'folder' in model ? model.folder : null;
  const asked = folder === null ? [] : ASKED_OF_MODEL.map((name) => ({ name, path: join(folder, name) }));
  const files = [request.dataset, ...(request.benchmarks ?? [])].flatMap((each) => each.files ?? []);
  const here = await existing([...asked, ...files]);
  const isWhole = model !== null && 'folder' in model && model.whole === true;
  const hashed = await hashFiles(here, memory);
  // Whether control tokens are refused or read as text changes what a plan says of them, not what is counted.
  const { controlTokens: _, ...dataset } = request.dataset;
  return digestOf({
    reader: await reader.digest(),
    request: { ...request, dataset },
    content: hashed.map(({ path, sha256 }) => [path, sha256]),
    ...(isWhole && { weights: await weightsOf(model.folder) }),
  });
}

/** Tens of gigabytes are not read to tell whether they are what they were. */
async function weightsOf(folder: string): Promise<readonly (readonly [string, number, number])[]> {
  const names = (await readdir(folder)).filter((name) => /\.safetensors(?:\.index\.json)?$/.test(name));
  return Promise.all(
    names.toSorted(inTextOrder).map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return [name, size, mtimeMs] as const;
    }),
  );
}

/** What is missing is for the reader to complain of. */
async function existing<F extends { readonly path: string }>(files: readonly F[]): Promise<readonly F[]> {
  const there = await Promise.all(
    files.map(async ({ path }) =>
      stat(path).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => there[index]);
}
