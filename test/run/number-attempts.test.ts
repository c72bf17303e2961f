import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KnownPod, numberAttempts } from '../../orchestrator/run/number-attempts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import { pod } from './fixtures.ts';

/** Pods of one life of a gang under one job: each index once, made at about the same time, over before the next. */
interface Life {
  readonly launch: number;
  readonly size: number;
  /** Seconds between the last end of the life before and the first pod of this one. */
  readonly pause: number;
  readonly seconds: number;
  /** Seconds that a pod may be made later than the first, and end before the last. */
  readonly spread: number;
}

const life = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  pause: fc.nat({ max: 3 }),
  seconds: fc.integer({ min: 1, max: 5 }),
  spread: fc.nat({ max: 1 }),
});
/** Several launches, each with several lives; the attempts go on from one to the next. */
const lives = fc
  .array(fc.array(life, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
  .map((launches) => {
    let attempt = 0;
    return launches.flatMap((own): readonly Life[] => {
      const launch = attempt + 1;
      attempt += own.length;
      return own.map((each) => ({ ...each, launch }));
    });
  });

/** The pods of all lives, with the attempt that each is truly of. Times have whole seconds, as the API server's. */
function podsOf(all: readonly Life[]): readonly PodFacts[] {
  let now = 100;
  return all.flatMap(({ launch, size, pause, seconds, spread }, place) => {
    const begin = now + pause;
    now = begin + spread + seconds;
    return Array.from({ length: size }, (_, index): PodFacts => {
      const createdAt = (begin + (index % 2) * spread) * 1_000;
      const name = `r1-train-a${launch}-${place}-${index}`;
      const of = { launch, attempt: place + 1, index, job: `r1-train-a${launch}` };
      return pod({
        ...of,
        uid: name,
        name,
        createdAt,
        boundAt: createdAt,
        endedAt: now * 1_000,
        phase: 'failed',
      });
    });
  });
}

const unnumbered = (pods: readonly PodFacts[]) => pods.map((one) => ({ ...one, attempt: one.launch }));
const numbers = (pods: readonly PodFacts[]) =>
  Object.fromEntries(pods.map(({ uid, attempt }) => [uid, attempt]));
const remembered = (pods: readonly PodFacts[]): ReadonlyMap<string, KnownPod> =>
  new Map(
    pods.map(({ uid, stage, attempt, boundAt, endedAt }) => [uid, { stage, attempt, boundAt, endedAt }]),
  );

describe('numberAttempts', () => {
  it('tells the lives of a gang apart, one attempt each, whatever order its pods come in', () => {
    fc.assert(
      fc.property(lives, fc.infiniteStream(fc.nat()), (all, chance) => {
        const pods = podsOf(all);
        const order = pods.map((one) => [chance.next().value, one] as const).toSorted(([a], [b]) => a - b);
        const found = numberAttempts(unnumbered(order.map(([, one]) => one)), new Map());
        expect(numbers(found)).toEqual(numbers(pods));
      }),
    );
  });

  it('gives the same numbers one look at a time, with a controller that remembers only the ledger', () => {
    fc.assert(
      fc.property(lives, fc.boolean(), (all, forgets) => {
        const pods = podsOf(all);
        const times = [...new Set(pods.flatMap(({ createdAt, endedAt = 0 }) => [createdAt, endedAt]))];
        let known: ReadonlyMap<string, KnownPod> = new Map();
        for (const now of times.toSorted((a, b) => a - b)) {
          const there = pods.filter(
            ({ createdAt, endedAt = 0 }) => createdAt <= now && (!forgets || endedAt >= now),
          );
          const seen = there.map(
            ({ endedAt = 0, ...one }): PodFacts => (endedAt <= now ? { ...one, endedAt } : one),
          );
          known = new Map([...known, ...remembered(numberAttempts(unnumbered(seen), known))]);
        }
        const kept = Object.fromEntries([...known].map(([uid, { attempt }]) => [uid, attempt]));
        expect(kept).toEqual(numbers(pods));
      }),
    );
  });

  it('keeps a number once it is given, whatever else is seen later', () => {
    fc.assert(
      fc.property(lives, fc.integer({ min: 1, max: 9 }), (all, attempt) => {
        const pods = podsOf(all);
        const [first] = pods;
        if (first === undefined) return;
        const known = remembered([{ ...first, attempt }]);
        expect(numbers(numberAttempts(unnumbered(pods), known))[first.uid]).toBe(attempt);
      }),
    );
  });

  it('lets stages share a number: a stage that starts again has no part in another’s lives', () => {
    const prepare = [1, 2].map((place) =>
      pod({ stage: 'prepare', uid: `p${place}`, createdAt: place * 5_000, endedAt: place * 5_000 + 2_000 }),
    );
    const train = pod({ stage: 'train', uid: 't', launch: 2, attempt: 2, createdAt: 20_000 });
    expect(numbers(numberAttempts([...prepare, train], new Map()))).toEqual({ p1: 1, p2: 2, t: 2 });
  });

  it('takes a pod for a peer of what ended in the second of its creation, unless that one is gone', () => {
    const first = pod({ uid: 'a', index: 0, createdAt: 1_000, endedAt: 5_000 });
    const second = pod({ uid: 'b', index: 1, createdAt: 5_000 });
    expect(numbers(numberAttempts([first, second], new Map()))).toEqual({ a: 1, b: 1 });
    expect(numbers(numberAttempts([second], remembered([first])))).toEqual({ b: 2 });
  });

  it('takes a pod that was made when all others of its job had ended for one of the next life, whatever its index', () => {
    const first = pod({ uid: 'a', index: 0, createdAt: 1_000, endedAt: 4_000 });
    const second = pod({ uid: 'b', index: 1, createdAt: 5_000 });
    expect(numbers(numberAttempts([first, second], new Map()))).toEqual({ a: 1, b: 2 });
  });

  it('takes a pod for no peer of one whose record was taken away before anybody saw its end', () => {
    const taken = pod({ uid: 'a', index: 0, createdAt: 1_000 });
    const fresh = pod({ uid: 'b', index: 1, createdAt: 9_000 });
    expect(numbers(numberAttempts([fresh], remembered([taken])))).toEqual({ b: 2 });
    const alive = pod({ uid: 'c', index: 2, createdAt: 1_000 });
    expect(numbers(numberAttempts([alive, fresh], remembered([taken, alive])))).toEqual({ b: 1, c: 1 });
  });
});

describe('a pod that comes after others whose records are gone', () => {
  const known = (...pods: readonly KnownPod[]) => new Map(pods.map((each, index) => [`gone-${index}`, each]));
  const attempt = (seen: ReadonlyMap<string, KnownPod>) =>
    numberAttempts([pod({ createdAt: 3_000 })], seen)[0]?.attempt;

  it('is their peer where they ended after it was made, and of the next life where they had ended before', () => {
    const trained = (endedAt: number | undefined, boundAt = 3_000): KnownPod => ({
      stage: 'train',
      attempt: 1,
      boundAt,
      endedAt,
    });
    expect(attempt(known(trained(5_000)))).toBe(1);
    expect(attempt(known(trained(3_000)))).toBe(2);
    expect(attempt(known(trained(undefined)))).toBe(2);
    expect(attempt(known(trained(2_000), trained(5_000)))).toBe(1);
    // Its node's clock is ahead, by however much clocks may differ.
    expect(attempt(known(trained(5_000, 2_000)))).toBe(2);
    expect(attempt(known(trained(8_000, 2_000)))).toBe(2);
    expect(attempt(known(trained(8_001, 2_000)))).toBe(1);
    expect(attempt(known(trained(9_000, 2_000)))).toBe(1);
  });

  it('is the first of its own launch whatever attempts there were before that', () => {
    const earlier: KnownPod = { stage: 'train', attempt: 1, boundAt: 1_000, endedAt: 2_000 };
    const fresh = pod({ launch: 2, attempt: 2, createdAt: 3_000 });
    expect(numberAttempts([fresh], known(earlier))[0]?.attempt).toBe(2);
  });

  it('is of the next life where one of them is there yet, and has ended before it, too', () => {
    const there = pod({ uid: 'a', endedAt: 2_000 });
    const gone: KnownPod = { stage: 'train', attempt: 1, boundAt: 1_000, endedAt: 2_000 };
    const fresh = pod({ uid: 'b', index: 1, createdAt: 3_000 });
    const seen = new Map([...known(gone), ...remembered([there])]);
    expect(numbers(numberAttempts([there, fresh], seen))).toEqual({ a: 1, b: 2 });
  });

  it('has nothing to do with those of another job that are there yet, though they have its number', () => {
    const earlier = pod({ uid: 'a', attempt: 2, launch: 1, job: 'r1-train-a1', endedAt: 2_000 });
    const fresh = pod({ uid: 'b', launch: 2, attempt: 2, job: 'r1-train-a2', createdAt: 3_000 });
    expect(numbers(numberAttempts([earlier, fresh], remembered([earlier])))).toEqual({ a: 2, b: 2 });
  });

  it('has nothing to do with those of another stage', () => {
    expect(attempt(known({ stage: 'export', attempt: 4, boundAt: 1_000, endedAt: 2_000 }))).toBe(1);
  });
});
