import { takesDevices } from '../run/stages.ts';
import { isGang } from '../wire/stage-traits.ts';
import type { StageRequest } from './request.ts';

const BINARY_UNITS = [
  ['Pi', 2 ** 50],
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
] as const;

/**
 * Bytes as a Kubernetes quantity, exactly, in the largest unit that divides them: as the API server writes it, so that an
 * object that is applied again is the same where fields may not change.
 */
export function byteQuantity(bytes: number): string {
  const whole = Math.floor(bytes);
  if (whole === 0) return '0';
  const [unit, size] = BINARY_UNITS.find(([, factor]) => whole % factor === 0) ?? ['', 1];
  return `${whole / size}${unit}`;
}

/** A number, or a quantity of bytes (huge pages) in whatever unit. */
function count(resource: number | string): string {
  const [, digits, unit] = /^(\d+)(\w+)$/.exec(String(resource)) ?? [];
  const size = BINARY_UNITS.find(([name]) => name === unit)?.[1];
  return size === undefined ? String(resource) : byteQuantity(Number(digits) * size);
}

export interface Resources {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/** Of a node, for a stage on processors only: one device's share, so that it finds room beside other work; memory in bytes. */
export const processorShare = ({ node, devicesPerNode }: StageRequest['profile']) => ({
  cpu: Math.max(1, Math.floor(node.cpus / devicesPerNode)),
  memory: Math.floor(node.memory / devicesPerNode),
});

/**
 * What a stage's container asks for. One that holds devices may use the whole node; one on processors only has
 * its share of it. Training asks for the memory that the plan says its
 * hosts need. Processors are not limited: throttling would stall a collective. Extended resources must be limited as
 * requested.
 */
export function stageResources(request: StageRequest): Resources {
  const { node, device, devicesPerNode, network } = request.profile;
  const withDevices = takesDevices(request);
  const { cpu: cpus, memory: most } = withDevices
    ? { cpu: node.cpus, memory: Math.floor(node.memory) }
    : processorShare(request.profile);
  const cpu = String(cpus);
  const extended = withDevices
    ? {
        ...(device.resource === undefined ? {} : { [device.resource]: String(devicesPerNode) }),
        ...Object.fromEntries(
          Object.entries(network.resources).map(([name, wanted]) => [name, count(wanted)]),
        ),
      }
    : {};
  return {
    requests: { cpu, memory: byteQuantity(Math.min(most, neededMemory(request, most))), ...extended },
    limits: { memory: byteQuantity(most), ...extended },
  };
}

/** Files in /dev/shm count as the container's memory. */
function neededMemory({ stage, plan, judged = plan, profile }: StageRequest, otherwise: number): number {
  if (!isGang(stage)) return otherwise;
  return Math.ceil((judged.memory.hostBytesPerNode + profile.node.sharedMemory) / 2 ** 20) * 2 ** 20;
}
