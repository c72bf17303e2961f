import type { Stage } from '../wire/job-spec.ts';
import type { TrainerEvent } from '../wire/trainer-event.ts';
import type { RunState } from './state.ts';

/** What a face can show while a run goes on. */
export type Progress =
  | { readonly kind: 'state'; readonly run: string; readonly state: RunState }
  | {
      readonly kind: 'event';
      readonly run: string;
      readonly stage: Stage;
      readonly attempt: number;
      readonly event: TrainerEvent;
    }
  /** What keeps the run from going on just now; empty when nothing does any more. */
  | { readonly kind: 'waiting'; readonly run: string; readonly what: string }
  /** The prepared data has changed what was announced. */
  | { readonly kind: 'planned'; readonly run: string; readonly message: string }
  /** Something an operator should know although the run goes on. */
  | { readonly kind: 'warning'; readonly run: string; readonly message: string };

export type OnProgress = (progress: Progress) => void;
