import { StintError } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Architecture } from '../recipe/model.ts';
import { counted } from '../units/counted.ts';
import type { Sharding } from '../wire/job-spec.ts';

/** Token counts that compiled blocks and GPU kernels are given, so that few shapes occur and tiles are full. */
const TOKEN_MULTIPLE = 128;

/** Documents of a packed sequence, of which GPUs' attention kernels, too, are to see few numbers. */
const DOCUMENT_MULTIPLE = 4;

/** How ranks share the work: parameters, a packed sequence over a group, a batch over the groups. */
export interface Layout {
  readonly nodes: number;
  readonly devicesPerNode: number;
  /** All ranks. */
  readonly world: number;
  readonly sharding: Sharding;
  /** Ranks over which FSDP shards parameters, gradients and optimizer states: all, or those of a node. */
  readonly shards: number;
  /** Ranks of a group, which share one packed sequence (Ulysses). */
  readonly sequenceParallel: number;
  readonly groups: number;
  /** A rank's tokens are a multiple of this; a group's sequence is filled up with tokens that carry no weight. */
  readonly tokenMultiple: number;
  /** Documents of a group's sequence, those counted that fill it up, are a multiple of this. */
  readonly documentMultiple: number;
}

/** @throws StintError `sequence-parallel-not-divisible` or `batch-not-divisible`, with values that work. */
export function layoutOf(recipe: FineTune, profile: ClusterProfile): Layout {
  const { nodes, devicesPerNode } = profile;
  const sequenceParallel = sequenceParallelOf(recipe, profile);
  const world = nodes * devicesPerNode;
  const groups = world / sequenceParallel;
  const batch = recipe.training.globalBatch;
  if (batch % groups !== 0) {
    const below = Math.floor(batch / groups) * groups;
    const nearest = below > 0 ? `${below} or ${below + groups}` : `${groups}`;
    throw new StintError({
      code: 'batch-not-divisible',
      where: 'training.globalBatch',
      what: `a global batch of ${batch} cannot be shared evenly by ${counted(groups, 'group')} of ${counted(sequenceParallel, 'rank')}`,
      why: `${profile.name} has ${nodes} x ${devicesPerNode} = ${world} devices, and ${sequenceParallel} share each packed sequence`,
      todo: `set training.globalBatch to ${nearest}, or choose a cluster whose groups divide ${batch}`,
    });
  }
  const tokenMultiple = profile.device.kind === 'gpu' || recipe.training.compile ? TOKEN_MULTIPLE : 1;
  return {
    nodes,
    devicesPerNode,
    world,
    sharding: 'full',
    shards: world,
    sequenceParallel,
    groups,
    tokenMultiple,
    documentMultiple: profile.device.kind === 'gpu' ? DOCUMENT_MULTIPLE : 1,
  };
}

/** Groups of ranks that share a batch where the recipe leaves that to the plan (`sequenceParallel: auto`). */
export const groupsOf = (architecture: Architecture, profile: ClusterProfile): number =>
  (profile.nodes * profile.devicesPerNode) / widestSequence(architecture, profile);

/** The same with a replica of weights and states on each node; undefined where that is nothing else. */
export function hybridLayout(layout: Layout): Layout | undefined {
  if (layout.nodes === 1 || layout.devicesPerNode === 1) return undefined;
  return { ...layout, sharding: 'hybrid', shards: layout.devicesPerNode };
}

/**
 * Ulysses splits heads, so its width divides the key/value heads; it stays inside a node, whose links are fast. On
 * processors attention has no packed kernel whose imbalance would matter, and each rank takes whole samples.
 */
function sequenceParallelOf(recipe: FineTune, profile: ClusterProfile): number {
  const { keyValueHeads } = recipe.model.architecture;
  const possible = commonDivisors(profile.devicesPerNode, keyValueHeads);
  const asked = recipe.training.sequenceParallel;
  if (asked === 'auto') return widestSequence(recipe.model.architecture, profile);
  if (possible.includes(asked)) return asked;
  throw new StintError({
    code: 'sequence-parallel-not-divisible',
    where: 'training.sequenceParallel',
    what: `${asked} ranks cannot share a sequence`,
    why: `the number must divide both the ${profile.devicesPerNode} devices of a node of ${profile.name} and the model's ${keyValueHeads} key/value heads`,
    todo: `set training.sequenceParallel to auto or one of ${possible.join(', ')}`,
  });
}

const widestSequence = (
  { keyValueHeads }: Architecture,
  { device, devicesPerNode }: ClusterProfile,
): number => (device.kind === 'cpu' ? 1 : (commonDivisors(devicesPerNode, keyValueHeads).at(-1) ?? 1));

function commonDivisors(a: number, b: number): number[] {
  return Array.from({ length: Math.min(a, b) }, (_, index) => index + 1).filter(
    (divisor) => a % divisor === 0 && b % divisor === 0,
  );
}
