import { type Check, warning } from './check.ts';

/** What a look at one thing of a cluster gave. */
export type Found<T> =
  | { readonly is: 'there'; readonly value: T }
  | { readonly is: 'absent' }
  /** The user may not see it; `right` is what is missing, for example `get nodes`. */
  | { readonly is: 'forbidden'; readonly right: string }
  /** `todo`: where more can be done than to ask again; `cause`: where that cannot help, because it lies with whoever asks. */
  | { readonly is: 'unknown'; readonly why: string; readonly todo?: string; readonly cause?: Error };

export const there = <T>(value: T): Found<T> => ({ is: 'there', value });

export const valueOf = <T>(found: Found<T> | undefined): T | undefined =>
  found?.is === 'there' ? found.value : undefined;

type Unseen = Extract<Found<never>, { is: 'forbidden' | 'unknown' }>;

/** Nothing is known of it, so nothing is claimed of it. */
export function unseen(name: string, thing: string, found: Unseen): Check {
  return found.is === 'forbidden'
    ? warning(
        name,
        `${thing} cannot be looked at: you may not ${found.right}`,
        `ask for the right to ${found.right}, or let somebody who has it run this`,
      )
    : warning(name, `${thing} could not be looked at: ${found.why}`, found.todo ?? 'run this again');
}
