import type { Stage } from '../wire/job-spec.ts';

/** The parsed files of `job-templates/`, with their holes still open. */
export interface Templates {
  /** Metadata and specification of every stage's pod. */
  readonly pod: unknown;
  readonly service: unknown;
  readonly spec: unknown;
  readonly job: unknown;
  readonly jobSet: unknown;
  readonly trainJob: unknown;
  readonly runtime: unknown;
  /** Command and arguments of each stage's container. */
  readonly stages: Readonly<Record<Stage, unknown>>;
}
