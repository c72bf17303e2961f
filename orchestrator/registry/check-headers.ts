import { z } from 'zod';
import { expectedTensors } from './expected-tensors.ts';
import type { FileFinding } from './finding.ts';
import type { Tensor } from './safetensors-header.ts';

const WHOLE = 'model.safetensors';
const CONFIG = 'config.json';
/** Names the file of each tensor, where weights are spread over several. */
export const INDEX = 'model.safetensors.index.json';

const IndexSchema = z.object({
  metadata: z.object({ total_size: z.number().optional() }).optional(),
  weight_map: z.record(z.string(), z.string()),
});

/** What was read of a checkpoint's folder; `undefined` where a file is not there. */
export interface CheckpointHeaders {
  /** Parsed `config.json`. */
  readonly config: unknown;
  /** Parsed `model.safetensors.index.json`. */
  readonly index: unknown;
  /** Tensors of each safetensors file, by its path. */
  readonly tensors: ReadonlyMap<string, readonly Tensor[]>;
}

interface Placed {
  readonly path: string;
  readonly tensor: Tensor;
}

/** Whether the tensors are those that `config.json` asks for, each once and where a reader will look for it. */
export function checkHeaders({ config, index, tensors }: CheckpointHeaders): readonly FileFinding[] {
  const placed = [...tensors].flatMap(([path, list]) => list.map((tensor): Placed => ({ path, tensor })));
  return [...checkPlaces(index, tensors, placed), ...checkTensors(config, placed)];
}

function checkTensors(config: unknown, placed: readonly Placed[]): readonly FileFinding[] {
  const expected = expectedTensors(config);
  if (typeof expected === 'string') {
    const message = config === undefined ? 'it is not there, so the tensors cannot be judged' : expected;
    return [{ kind: 'bad-config', path: CONFIG, message: `${CONFIG}: ${message}` }];
  }
  const findings = new Array<FileFinding>();
  const found = new Map(placed.map((one) => [one.tensor.name, one]));
  for (const [name, shape] of expected.shapes) {
    const one = found.get(name);
    const wanted = describe(expected.dataType, shape);
    if (one === undefined)
      findings.push({
        kind: 'missing-tensor',
        path: CONFIG,
        tensor: name,
        message: `${name}: in no file; ${CONFIG} asks for ${wanted}`,
      });
    else if (describe(one.tensor.dataType, one.tensor.shape) !== wanted)
      findings.push(
        finding(
          'wrong-tensor',
          one,
          `is ${describe(one.tensor.dataType, one.tensor.shape)}; ${CONFIG} asks for ${wanted}`,
        ),
      );
  }
  for (const one of placed)
    if (!expected.shapes.has(one.tensor.name))
      findings.push(
        finding('extra-tensor', one, `a model of this ${CONFIG} has no such tensor, so it would be ignored`),
      );
  return findings;
}

/** Readers take `model.safetensors` alone, or the files that the index names. */
function checkPlaces(
  index: unknown,
  tensors: CheckpointHeaders['tensors'],
  placed: readonly Placed[],
): readonly FileFinding[] {
  if (index === undefined) {
    const strays = [...tensors.keys()].filter((path) => path !== WHOLE);
    return strays.map((path) => ({
      kind: 'bad-index',
      path,
      message: `${path}: no ${INDEX} names it, so it would be ignored`,
    }));
  }
  const bad = (message: string, tensor?: string): FileFinding => ({
    kind: 'bad-index',
    path: INDEX,
    ...(tensor === undefined ? {} : { tensor }),
    message: `${INDEX}: ${message}`,
  });
  const parsed = IndexSchema.safeParse(index);
  if (!parsed.success) return [bad(`it is not valid: ${parsed.error.issues[0]?.message}`)];
  const findings = tensors.has(WHOLE) ? [bad(`${WHOLE} is there too, and readers would prefer it`)] : [];

  const places = new Map(Object.entries(parsed.data.weight_map));
  for (const { path, tensor } of placed) {
    const named = places.get(tensor.name);
    if (named !== path)
      findings.push(bad(`${tensor.name} is in ${path}, not ${named ? `in ${named}` : 'named'}`, tensor.name));
  }
  const present = new Set(placed.map(({ tensor }) => tensor.name));
  for (const [name, path] of places)
    if (!present.has(name)) findings.push(bad(`${name} is not in ${path} nor anywhere else`, name));

  const bytes = placed.reduce((sum, { tensor }) => sum + tensor.end - tensor.begin, 0);
  const total = parsed.data.metadata?.total_size;
  if (total !== undefined && total !== bytes)
    findings.push(bad(`it says ${total} bytes of tensors, and there are ${bytes}`));
  return findings;
}

function finding(kind: FileFinding['kind'], { path, tensor }: Placed, message: string): FileFinding {
  return { kind, path, tensor: tensor.name, message: `${path}: ${tensor.name}: ${message}` };
}

const describe = (dataType: string, shape: readonly number[]): string => `${dataType} [${shape.join(', ')}]`;
