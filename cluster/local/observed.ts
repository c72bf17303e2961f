import type { JobFacts, Observation } from '../../orchestrator/run/job-facts.ts';
import { isAlive, type PodFacts } from '../../orchestrator/run/pod-facts.ts';

/** A job has no controller here: it is its pods, and over with the last of them. */
export function observed(pods: readonly PodFacts[]): Observation {
  return { pods, jobs: [...Map.groupBy(pods, ({ job }) => job).values()].flatMap(jobFacts) };
}

function jobFacts(pods: readonly PodFacts[]): readonly JobFacts[] {
  const [first] = pods;
  if (first === undefined) return [];
  const { job: name, run, stage, launch } = first;
  const ended = pods.every(({ phase }) => phase === 'succeeded') ? 'succeeded' : 'failed';
  const state = pods.some(isAlive) ? 'active' : ended;
  return [
    {
      name,
      run,
      stage,
      launch,
      size: pods.length,
      state,
      reason: '',
      message: '',
      pending: [],
      retained: false,
    },
  ];
}
