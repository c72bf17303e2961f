/** What a machine has for the example's processes. */
interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** The entries of the laptop's profile that depend on the machine, as YAML has them. */
export type FittedProfile = NonNullable<ReturnType<typeof fitProfile>>;

const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** For the system, a browser and stint itself. */
const LEFT_TO_OTHERS = 2 * GIB;
/** Of the two processes 3.7 GB each were resident at most, where nothing was recomputed. */
export const SMALLEST_MEMORY = 10 * GIB;
/** A checkpoint's weights and moments, 12 bytes for each of 135 million, lie beside the processes while it is written. */
const CHECKPOINT_BYTES = 12 * 135e6;
/** As of the laptop's profile. */
const PEAK_TFLOPS_OF_A_CORE = 0.096;
/** A rank's matrices are too small to keep more threads busy. */
const MOST_THREADS = 8;

/**
 * A profile that takes what there is: two training processes with equal shares of memory and cores, or one where there is
 * one core. Null where the memory is not enough for the example.
 */
export function fitProfile({ cores, memoryBytes }: Machine) {
  if (memoryBytes < SMALLEST_MEMORY) return null;
  const processes = Math.min(2, cores);
  const threads = Math.min(MOST_THREADS, Math.floor(cores / processes));
  const shared = memoryBytes - LEFT_TO_OTHERS;
  const mebibytes = (bytes: number) => `${Math.floor(bytes / MIB)}MiB`;
  return {
    name: 'this-machine',
    description: `${processes === 1 ? 'One training process' : 'Two training processes'} on a machine with ${cores} cores and ${Math.floor(memoryBytes / GIB)} GiB of memory.`,
    backend: { kind: 'local', rendezvousPort: 'auto', threadsPerProcess: threads },
    devicesPerNode: processes,
    device: {
      kind: 'cpu',
      model: 'CPU-core',
      memory: mebibytes((shared - CHECKPOINT_BYTES) / processes),
      peakTflops: Number((PEAK_TFLOPS_OF_A_CORE * threads).toFixed(3)),
    },
    node: { cpus: processes * threads, memory: mebibytes(shared), sharedMemory: '1GiB' },
  };
}
