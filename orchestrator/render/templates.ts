import type { Stage } from '../wire/job-spec.ts';

/** The parsed files of `job-templates/`, with their holes still open. */
export interface Templates {
  readonly service: unknown;
  readonly spec: unknown;
  readonly job: unknown;
  /** Command and arguments of each stage's container. */
  readonly stages: Readonly<Record<Stage, unknown>>;
}
