import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkFiles } from '../../orchestrator/documents/checkpoint-files.ts';
import { CONFIG, safetensors, tensorsOf, withHeader, writeFiles } from '../registry/safetensors-file.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const WEIGHTS = 'model.safetensors';

function wholeCheckpoint(weights = safetensors(tensorsOf(CONFIG)), config: object = CONFIG) {
  const folder = temporaryFolder();
  const files = { [WEIGHTS]: weights, 'config.json': config, 'tokenizer/vocab.json': { a: 1 } };
  const manifest = writeFiles(folder, files);
  writeFiles(folder, { 'manifest.json': { files: manifest } });
  return { folder, manifest, weights: join(folder, WEIGHTS) };
}

async function kinds({ folder, manifest }: Pick<ReturnType<typeof wholeCheckpoint>, 'folder' | 'manifest'>) {
  const findings = await checkFiles(folder, manifest);
  return findings.map(({ kind, path, tensor }) => [kind, tensor ?? path]);
}

test('a whole checkpoint has no findings', async () => {
  expect(await kinds(wholeCheckpoint())).toEqual([]);
});

test('any flipped bit is found', async () => {
  const checkpoint = wholeCheckpoint();
  const sound = readFileSync(checkpoint.weights);
  const bit = fc.nat(sound.length * 8 - 1);
  await fc.assert(
    fc.asyncProperty(bit, async (place) => {
      const flipped = Buffer.from(sound);
      flipped[place >> 3] = (flipped[place >> 3] ?? 0) ^ (1 << (place & 7));
      writeFileSync(checkpoint.weights, flipped);
      expect(await kinds(checkpoint)).toContainEqual(['digest-differs', WEIGHTS]);
    }),
    { numRuns: 60 },
  );
});

test('a truncated, a lengthened, a missing and an unknown file are told apart', async () => {
  const cut = wholeCheckpoint();
  truncateSync(cut.weights, 100);
  expect(await kinds(cut)).toEqual([['size-differs', WEIGHTS]]);
  const longer = wholeCheckpoint();
  appendFileSync(longer.weights, 'x');
  expect(await kinds(longer)).toEqual([['size-differs', WEIGHTS]]);
  const gone = wholeCheckpoint();
  rmSync(gone.weights);
  expect(await kinds(gone)).toEqual([['missing-file', WEIGHTS]]);
  const renamed = wholeCheckpoint();
  renameSync(renamed.weights, join(renamed.folder, 'tokenizer', 'model.safetensors'));
  expect(await kinds(renamed)).toEqual([
    ['missing-file', WEIGHTS],
    ['extra-file', 'tokenizer/model.safetensors'],
  ]);
});

test('a manifest cannot lead outside of the folder', async () => {
  const { folder, manifest } = wholeCheckpoint();
  const [entry] = manifest;
  const outside = { ...entry, path: '../outside', bytes: 1, sha256: '' };
  expect(await kinds({ folder, manifest: [...manifest, outside] })).toEqual([['missing-file', '../outside']]);
});

test('a value that is not finite is found wherever it is, in each type of weights', async () => {
  const patterns = { float32: [0x7fc00000, 4], bfloat16: [0xff80, 2], float16: [0x7c01, 2] } as const;
  for (const [dtype, [pattern, width]] of Object.entries(patterns)) {
    const config = { ...CONFIG, dtype, vocab_size: 300_000 };
    const tensors = tensorsOf(config);
    const weights = safetensors(tensors);
    const places: [string, number][] = [['model.layers.1.mlp.down_proj.weight', weights.length - width]];
    const embedding =
      weights.length - tensors.reduce((sum, { shape }) => sum + width * shape.reduce((a, b) => a * b), 0);
    places.push(['model.embed_tokens.weight', embedding + width * 8 * 299_999]);
    for (const [name, place] of places) {
      const broken = Buffer.from(weights);
      broken.writeUIntLE(pattern, place, width);
      expect(await kinds(wholeCheckpoint(broken, config))).toEqual([['non-finite-tensor', name]]);
    }
  }
});

test('a header that lies is found although size and digest agree', async () => {
  const tensors = tensorsOf(CONFIG);
  const sound = safetensors(tensors);
  const length = Number(sound.readBigUInt64LE());
  const header = sound.toString('utf8', 8, 8 + length);
  const data = sound.subarray(8 + length);
  const lies = [
    withHeader(header.replace('[16,8]', '[16,9]'), data),
    withHeader(header.replace('"F32"', '"F31"'), data),
    withHeader(header.slice(1), data),
    withHeader(header, data.subarray(4)),
    withHeader(header, Buffer.concat([data, Buffer.alloc(4)])),
    Buffer.alloc(3),
    Buffer.alloc(64, 0xff),
  ];
  for (const lie of lies) {
    const findings = await kinds(wholeCheckpoint(lie));
    expect(findings.length).toBeGreaterThan(0);
    expect(new Set(findings.map(([kind]) => kind))).toEqual(new Set(['bad-header']));
  }
});

test('a folder that is not there is an error that names it', async () => {
  const folder = join(temporaryFolder(), 'gone');
  await expect(checkFiles(folder, [])).rejects.toMatchObject({
    problems: [{ code: 'checkpoint-missing', where: folder }],
  });
});
