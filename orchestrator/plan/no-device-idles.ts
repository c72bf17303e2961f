import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { formatInteger } from '../units/format.ts';
import type { Verdict } from './plan.ts';
import type { Spread } from './vllm-spread.ts';

/** Held devices are paid for, whether they decode or not. */
export function noDeviceIdles(
  { device, devicesPerNode: held }: ClusterProfile,
  { tensorParallel, replicas }: Spread,
): Verdict {
  const verdict = { name: 'no-device-idles', refuses: false };
  const working = tensorParallel * replicas;
  if (device.kind === 'cpu')
    return { ...verdict, ok: true, message: 'one process decodes, with the processors of the machine' };
  if (working < held)
    return {
      ...verdict,
      ok: false,
      message: `${formatInteger(working)} of the node’s ${formatInteger(held)} devices decodes while all are held: \`engine: {kind: vllm}\` decodes on all of them`,
    };
  const copies = replicas === 1 ? 'one copy' : `${formatInteger(replicas)} copies`;
  const over = tensorParallel === 1 ? 'one device' : `${formatInteger(tensorParallel)} devices`;
  return {
    ...verdict,
    ok: true,
    message: `all devices of the node decode: ${copies} of the model over ${over}`,
  };
}
