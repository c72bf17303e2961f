import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { isFp8 } from './device-memory.ts';

/** Equal for recipes whose steps cost alike for equal tokens. */
export const modelKey = ({ model }: Pick<FineTune, 'model'>): string => canonicalJson(model.architecture);

/** Equal where equal steps take equally long: a profile that was changed is another place, whatever its name. */
export const placeKey = (
  { name, device, nodes, devicesPerNode, network }: ClusterProfile,
  { training }: FineTune,
): string =>
  canonicalJson({
    name,
    device: { model: device.model, peakTflops: device.peakTflops },
    nodes,
    devicesPerNode,
    ring: network.ringGBps,
    node: network.nodeGBps,
    compile: training.compile,
    // Left out where it is not asked for, so that what earlier runs have taught stays.
    ...(training.deterministic === true ? { deterministic: true } : {}),
    ...(isFp8({ training }) ? { compute: training.compute } : {}),
  });
