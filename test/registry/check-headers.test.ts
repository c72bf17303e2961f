import { expect, test } from 'vitest';
import { checkHeaders } from '../../orchestrator/registry/check-headers.ts';
import { readHeader, type Tensor } from '../../orchestrator/registry/safetensors-header.ts';
import { CONFIG, safetensors, tensorsOf, type WrittenTensor } from './safetensors-file.ts';

const WHOLE = 'model.safetensors';
const UNTIED = { ...CONFIG, tie_word_embeddings: false };

function headerOf(path: string, written: readonly WrittenTensor[]): readonly Tensor[] {
  const file = safetensors(written);
  const begin = 8 + Number(file.readBigUInt64LE());
  return readHeader(path, file.toString('utf8', 8, begin), begin, file.length).tensors;
}

function check(written: readonly WrittenTensor[], config: unknown = CONFIG) {
  const findings = checkHeaders({
    config,
    index: undefined,
    tensors: new Map([[WHOLE, headerOf(WHOLE, written)]]),
  });
  return findings.map(({ kind, tensor }) => [kind, tensor]);
}

test('the tensors of a model are the 14 of one layer and the 12 of each further one, and the head where untied', () => {
  expect(tensorsOf(CONFIG)).toHaveLength(14 + 12);
  expect(tensorsOf(UNTIED)).toHaveLength(14 + 12 + 1);
  expect(check(tensorsOf(CONFIG))).toEqual([]);
  expect(check(tensorsOf(UNTIED), UNTIED)).toEqual([]);
});

test('a head that is missing, and one that would be ignored, are found', () => {
  expect(check(tensorsOf(CONFIG), UNTIED)).toEqual([['missing-tensor', 'lm_head.weight']]);
  expect(check(tensorsOf(UNTIED), CONFIG)).toEqual([['extra-tensor', 'lm_head.weight']]);
});

const QWEN3 = { ...CONFIG, model_type: 'qwen3', head_dim: 4 };
const LLAMA = { ...CONFIG, model_type: 'llama' };

test('each family has the biases and the norms of its own, and lacks none of them', () => {
  const own = (config: object) =>
    tensorsOf(config)
      .map(({ name, shape }) => [name.replace('model.layers.1.self_attn.', ''), shape])
      .filter(([name]) => /^[qk]_norm|^[qkv]_proj.bias/.test(String(name)));
  expect(own(CONFIG).map(([name]) => name)).toEqual(['q_proj.bias', 'k_proj.bias', 'v_proj.bias']);
  expect(own(QWEN3)).toEqual([
    ['q_norm.weight', [4]],
    ['k_norm.weight', [4]],
  ]);
  expect(own(LLAMA)).toEqual([]);
  for (const config of [QWEN3, LLAMA, { ...LLAMA, model_type: 'mistral' }])
    expect(check(tensorsOf(config), config)).toEqual([]);
  const norm = 'model.layers.0.self_attn.q_norm.weight';
  const lacking = tensorsOf(QWEN3).filter(({ name }) => name !== norm);
  expect(check(lacking, QWEN3)).toEqual([['missing-tensor', norm]]);
  expect(check(tensorsOf(QWEN3), { ...LLAMA, head_dim: 4 })).toHaveLength(4);
});

test('a tensor of another shape, type or name is found', () => {
  const change = (name: string, to: Partial<WrittenTensor>) =>
    check(tensorsOf(CONFIG).map((one) => (one.name === name ? { ...one, ...to } : one)));
  const bias = 'model.layers.1.self_attn.k_proj.bias';
  expect(change(bias, { shape: [8] })).toEqual([['wrong-tensor', bias]]);
  expect(change(bias, { dataType: 'BF16' })).toEqual([['wrong-tensor', bias]]);
  expect(change(bias, { name: 'model.layers.2.self_attn.k_proj.bias' })).toEqual([
    ['missing-tensor', bias],
    ['extra-tensor', 'model.layers.2.self_attn.k_proj.bias'],
  ]);
});

test('a configuration that cannot be used says which field is why', () => {
  const message = (config: unknown) =>
    checkHeaders({ config, index: undefined, tensors: new Map() }).map((finding) => finding.message)[0];
  expect(message(undefined)).toContain('not there');
  expect(message({ ...CONFIG, model_type: 'qwen3_moe' })).toContain('model_type');
  expect(message({ ...CONFIG, dtype: undefined })).toContain('dtype');
  expect(message({ ...CONFIG, torch_dtype: 'int8' })).toContain('torch_dtype');
  expect(message({ ...CONFIG, hidden_size: 9 })).toContain('no multiple of 4 heads');
});

test('weights over several files are sound when the index says where each is', () => {
  const all = tensorsOf(CONFIG);
  const files = { 'a.safetensors': all.slice(0, 9), 'b.safetensors': all.slice(9) };
  const tensors = new Map(Object.entries(files).map(([path, list]) => [path, headerOf(path, list)]));
  const places = Object.entries(files).flatMap(([path, list]) =>
    list.map(({ name }) => [name, path] as const),
  );
  const total = [...tensors.values()].flat().reduce((sum, { begin, end }) => sum + end - begin, 0);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
  const judge = (changed: unknown, over = tensors) =>
    checkHeaders({ config: CONFIG, index: changed, tensors: over }).map(({ kind }) => kind);
  const moved = { ...index, weight_map: { ...index.weight_map, 'model.norm.weight': 'b.safetensors' } };
  const invented = { ...index, weight_map: { ...index.weight_map, 'model.extra': 'a.safetensors' } };
  expect(judge(index)).toEqual([]);
  expect(judge(moved)).toEqual(['bad-index']);
  expect(judge(invented)).toEqual(['bad-index']);
  expect(judge({ ...index, metadata: { total_size: total + 1 } })).toEqual(['bad-index']);
  expect(judge({})).toEqual(['bad-index']);
  expect(judge(undefined)).toEqual(['bad-index', 'bad-index']);
  expect(judge(index, new Map([...tensors].slice(1)))).toContain('missing-tensor');
});

test('holes and overlaps in the data are found', () => {
  const header = (begin: number) =>
    JSON.stringify({
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'F32', shape: [1], data_offsets: [begin, begin + 4] },
    });
  const findings = (begin: number) => readHeader(WHOLE, header(begin), 100, 100 + begin + 4).findings;
  expect(findings(8)).toEqual([]);
  expect(findings(12).map(({ message }) => message)).toEqual([
    `${WHOLE}: b: begins at byte 112, not at 108 where the one before ends`,
  ]);
  expect(findings(4)).toHaveLength(1);
});
