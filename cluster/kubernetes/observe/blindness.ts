import type { ListWatchEvent } from '../api/list-watch.ts';
import type { Part } from './namespace-sets.ts';

/** A connection that breaks is made again in a moment; one that stays broken for longer leaves everything unknown. */
const BLIND_AFTER_MS = 3_000;

interface Lost {
  /** Undefined once the time is over. */
  timer: NodeJS.Timeout | undefined;
  refusal: Error | undefined;
}

/** Which parts of a cluster cannot be seen just now, and why. */
export class Blindness {
  readonly #parts = new Map<Part, Lost>();
  readonly #onBlind: () => void;

  /** @param onBlind - Called when something has not been seen for too long. */
  constructor(onBlind: () => void) {
    this.#onBlind = onBlind;
  }

  lost(part: Part, { refusal }: Extract<ListWatchEvent, { kind: 'degraded' }>): void {
    const known = this.#parts.get(part);
    if (known) {
      known.refusal = refusal;
      return;
    }
    const lost: Lost = { timer: undefined, refusal };
    lost.timer = setTimeout(() => {
      lost.timer = undefined;
      this.#onBlind();
    }, BLIND_AFTER_MS);
    this.#parts.set(part, lost);
  }

  sees(part: Part): void {
    clearTimeout(this.#parts.get(part)?.timer);
    this.#parts.delete(part);
  }

  seesAll(): void {
    for (const part of this.#parts.keys()) this.sees(part);
  }

  /** Undefined while all is seen, or was a moment ago. */
  why(): Error | undefined {
    const blind = [...this.#parts.values()].filter(({ timer }) => timer === undefined);
    if (blind.length === 0) return undefined;
    const refusal = blind.find((each) => each.refusal !== undefined)?.refusal;
    return refusal ?? new Error('the API server has not answered for some seconds');
  }
}
