import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sha256 } from '../../orchestrator/documents/digest.ts';
import { expectedTensors } from '../../orchestrator/registry/expected-tensors.ts';
import type { FileEntry } from '../../orchestrator/wire/stage-manifest.ts';

/** The smallest Qwen2 that has every kind of tensor, as transformers writes its configuration. */
export const CONFIG = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 16,
  tie_word_embeddings: true,
  dtype: 'float32',
};

const ELEMENT_BYTES: Readonly<Record<string, number>> = { F32: 4, BF16: 2, F16: 2 };

export interface WrittenTensor {
  readonly name: string;
  readonly dataType: string;
  readonly shape: readonly number[];
}

/** The tensors that a model of the configuration has. */
export function tensorsOf(config: object): readonly WrittenTensor[] {
  const expected = expectedTensors(config);
  if (typeof expected === 'string') throw new Error(expected);
  return [...expected.shapes].map(([name, shape]) => ({ name, shape, dataType: expected.dataType }));
}

/** The bytes of a safetensors file, written by the format's own rules: length, header, data without holes. */
export function safetensors(tensors: readonly WrittenTensor[], fill = 0x3c): Buffer {
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const { name, dataType, shape } of tensors) {
    const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[dataType] ?? 0);
    header[name] = { dtype: dataType, shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  return withHeader(JSON.stringify(header), Buffer.alloc(offset, fill));
}

export function withHeader(header: string, data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), data]);
}

/** Writes files and gives their manifest. */
export function writeFiles(
  folder: string,
  files: Readonly<Record<string, Buffer | object>>,
): readonly FileEntry[] {
  return Object.entries(files).map(([path, content]) => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    return { path, bytes: bytes.length, sha256: sha256(bytes) };
  });
}
