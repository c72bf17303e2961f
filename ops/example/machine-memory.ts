import { totalmem } from 'node:os';

/** Bytes that processes may have here: the machine's, or fewer where a container's limit is lower. */
export function machineMemory(): number {
  const limit = process.constrainedMemory();
  // 0 where there is no limit that Node knows of, and a huge number for "unlimited".
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
