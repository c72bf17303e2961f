import type { Stage } from '../wire/job-spec.ts';
import type { PodFacts } from './pod-facts.ts';

/**
 * Where the object stands that makes a stage's pods (a JobSet, a Job, a TrainJob), by its controllers' word.
 * `waiting`: its queue has not admitted it, or has taken it back. `active`: its pods are there or to come, also between
 * two lives of a gang that it starts again by itself. `held`: it makes no pod any more unless somebody lets it.
 */
export type JobState = 'waiting' | 'active' | 'held' | 'succeeded' | 'failed';

/** A pod that no node has taken: it holds nothing. Times are milliseconds since the epoch. */
export interface PendingPod {
  readonly name: string;
  readonly since: number;
  readonly reason: string;
  /** The scheduler's words. */
  readonly message: string;
}

/** In the queue's words. Times are milliseconds since the epoch. */
export interface TakenBack {
  readonly reason: string;
  readonly message: string;
  readonly since: number;
  /** It was admitted again. */
  readonly until?: number;
}

export interface JobFacts {
  readonly name: string;
  readonly run: string;
  readonly stage: Stage;
  /** The attempt that was launched with it. When its pods start again under it, that is a later attempt. */
  readonly launch: number;
  /** Pods of its gang. */
  readonly size: number;
  readonly state: JobState;
  /** Since when, where that is known. */
  readonly since?: number;
  /** Why, as its controllers put it: a word to match, and a sentence for a person; empty where they say nothing. */
  readonly reason: string;
  readonly message: string;
  /** Its queue took it back, or has and admitted it again: the last time. */
  readonly takenBack?: TakenBack;
  readonly pending: readonly PendingPod[];
  /** The cluster keeps it until it is told that its usage is settled. */
  readonly retained: boolean;
}

/** What is seen of a run on its cluster: all of it, each time. */
export interface Observation {
  readonly jobs: readonly JobFacts[];
  readonly pods: readonly PodFacts[];
}

/** Its controllers will make no more pods under it. */
export const isOver = ({ state }: JobFacts): boolean =>
  state === 'held' || state === 'succeeded' || state === 'failed';
