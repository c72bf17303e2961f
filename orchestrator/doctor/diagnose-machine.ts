import type { Problem } from '../errors/stint-error.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { formatBytes } from '../units/format.ts';
import { type Check, ok, problem, warning } from './check.ts';

/** What was seen of the machine that the local backend runs on. */
export interface MachineFindings {
  readonly python: { readonly version: string; readonly torch: string } | { readonly trouble: Problem };
  readonly cores: number;
  readonly memoryBytes: number;
  /** Where runs are kept, and what is free there. */
  readonly home: string;
  readonly freeBytes: number;
}

/** A checkpoint of a small model and its data fit into this many times over. */
const ROOM_BYTES = 5e9;
/** Not even the quickstart's files fit. */
const NO_ROOM_BYTES = 5e8;

/** Whether runs of a profile can work on this machine. */
export function diagnoseMachine(
  { node, nodes, devicesPerNode }: ClusterProfile,
  found: MachineFindings,
): readonly Check[] {
  return [
    checkPython(found),
    checkCores(nodes * devicesPerNode, found.cores),
    checkMemory(nodes * node.memory, found.memoryBytes),
    checkDisk(found),
  ];
}

const checkPython = ({ python }: MachineFindings): Check =>
  'trouble' in python
    ? problem('python', python.trouble.what, python.trouble.todo)
    : ok('python', `Python ${python.version} with PyTorch ${python.torch}`);

const checkCores = (processes: number, cores: number): Check =>
  processes <= cores
    ? ok('cores', `${cores} cores for ${processes} training processes`)
    : warning(
        'cores',
        `${cores} cores for ${processes} training processes: they take turns, and steps take as much longer`,
        'set devicesPerNode and node.cpus of the profile to what this machine has',
      );

const checkMemory = (wanted: number, has: number): Check =>
  wanted <= has
    ? ok('memory', `${formatBytes(has)} of memory, the profile counts on ${formatBytes(wanted)}`)
    : problem(
        'memory',
        `${formatBytes(has)} of memory, and the profile counts on ${formatBytes(wanted)}`,
        'lower node.memory and device.memory of the profile; the plan then says what fits',
      );

function checkDisk({ home, freeBytes }: MachineFindings): Check {
  const said = `${formatBytes(freeBytes)} are free under ${home}`;
  const todo = 'make room, or keep runs elsewhere with --home or STINT_HOME';
  if (freeBytes < NO_ROOM_BYTES) return problem('disk', said, todo);
  return freeBytes < ROOM_BYTES ? warning('disk', `only ${said}`, todo) : ok('disk', said);
}
