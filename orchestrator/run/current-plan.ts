import type { Plan } from '../plan/plan.ts';
import type { RecordedEvent } from './event.ts';

/** The plan as it was judged last: from the prepared data where that has happened, else that of the launch. */
export const currentPlan = (launched: Plan, events: readonly RecordedEvent[]): Plan =>
  events.reduce((plan, { event }) => (event.type === 'plan-reviewed' ? event.plan : plan), launched);
