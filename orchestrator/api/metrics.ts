import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { VerbName } from '../contract/verbs.ts';

export interface Metrics {
  readonly answered: (verb: VerbName, status: number, seconds: number) => void;
  readonly read: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** What is counted when somebody asks. */
export interface Counted {
  /** Recorded runs by state. */
  readonly runs: () => Promise<ReadonlyMap<string, number>>;
  /** Runs that this process attends. */
  readonly attended: () => Promise<number>;
}

/** In seconds; what a person waits for is seen apart from what a program does. */
const BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** Prometheus metrics of a server; docs/serve.md names them. */
export function makeMetrics({ runs, attended }: Counted): Metrics {
  const registers = [new Registry()];
  const [register] = registers as [Registry];
  collectDefaultMetrics({ register });
  const requests = new Counter({
    name: 'stint_http_requests_total',
    help: 'Requests answered, by verb and HTTP status.',
    labelNames: ['verb', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'stint_http_request_seconds',
    help: 'How long answers took, by verb.',
    labelNames: ['verb'],
    buckets: BUCKETS,
    registers,
  });
  const recorded = new Gauge({
    name: 'stint_runs',
    help: 'Recorded runs, by state.',
    labelNames: ['state'],
    registers,
  });
  const attendedRuns = new Gauge({
    name: 'stint_attended_runs',
    help: 'Runs that this server attends.',
    registers,
  });
  return {
    answered: (verb, status, took) => {
      requests.inc({ verb, status: String(status) });
      seconds.observe({ verb }, took);
    },
    read: async () => {
      const [counts, now] = await Promise.all([runs(), attended()]);
      recorded.reset();
      for (const [state, count] of counts) recorded.set({ state }, count);
      attendedRuns.set(now);
      return { type: register.contentType, text: await register.metrics() };
    },
  };
}
