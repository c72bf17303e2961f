import type { Rehearsal, RehearsalRequest } from '../wire/rehearsal.ts';
import type { OnRead } from './data-reader.ts';

/** Runs steps with the trainer's own code on tensors without content. */
export interface Rehearser {
  /** Of the code that decides a step: what was rehearsed before it changed says nothing of it any more. */
  readonly digest: () => Promise<string>;
  /** @throws StintError where a step depends on what a device computes, or the trainer is not installed. */
  readonly rehearse: (request: RehearsalRequest, onProgress: OnRead) => Promise<Rehearsal>;
}
