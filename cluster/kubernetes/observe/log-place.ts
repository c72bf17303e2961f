/** `2026-11-23T00:58:46.123456789Z text`, as kubelet writes it with `timestamps`. */
const STAMPED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d) ?(.*)$/s;

export interface StampedLine {
  /** Milliseconds since the epoch at which the container runtime took the line. */
  readonly at: number;
  readonly text: string;
}

export function parseStamped(line: string): StampedLine | undefined {
  const [, time, fraction = '', zone, text = ''] = STAMPED.exec(line) ?? [];
  if (time === undefined) return undefined;
  return { at: Date.parse(`${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`), text };
}

/**
 * How far a log was read. A log can be read again only from the start of a second (kubelet cuts `sinceTime`), so the lines
 * from that second on that were taken already are counted, and left out when they come again.
 */
export class LogPlace {
  #second = Number.NEGATIVE_INFINITY;
  #taken = 0;
  #toSkip = 0;

  /** What to ask for; undefined for all. From here on, what was taken comes again. */
  resume(): string | undefined {
    this.#toSkip = this.#taken;
    return Number.isFinite(this.#second) ? new Date(this.#second * 1_000).toISOString() : undefined;
  }

  /** Whether the line is new. A clock that is set back changes nothing: such lines do not come again. */
  takes({ at }: StampedLine): boolean {
    const second = Math.floor(at / 1_000);
    if (second >= this.#second && this.#toSkip > 0) {
      this.#toSkip -= 1;
      return false;
    }
    if (second > this.#second) [this.#second, this.#taken] = [second, 1];
    else if (second === this.#second) this.#taken += 1;
    return true;
  }
}
