import { bisect } from './bisect.ts';
import { canBeTold } from './paired-difference.ts';
import { shareDifference } from './paired-shares.ts';

/** How often a difference is to be told that is there. */
const POWER = 0.8;
/** Of all questions, those that the better of two models loses all the same: as of two at 50% to 60% whose answers correlate by 0.6. */
export const LOST_SHARE = 0.1;
/** To less than a twentieth of a point. */
const HALVINGS = 11;
/** Beyond so many standard deviations nothing is likely enough to count. */
const FAR = 8;

/**
 * The smallest gain of a second model that so many questions, each answered once by both, tell in 80 of 100 benchmarks: by
 * the very interval that a comparison takes, over all that can happen. Null where they hardly ever tell one.
 */
export function smallestTold(questions: number): number | null {
  const timesTold = makeTimesTold(questions);
  const most = 1 - 2 * LOST_SHARE;
  if (timesTold(most) < POWER) return null;
  const [, gain] = bisect(0, most, HALVINGS, (each) => timesTold(each) >= POWER);
  return gain;
}

/** Of so many questions: in which share of benchmarks a gain is told. */
export function makeTimesTold(questions: number): (gain: number) => number {
  const logs = logFactorials(questions);
  const log = (count: number) => logs[count] ?? 0;
  const power = (chance: number, times: number) => (times === 0 ? 0 : times * Math.log(chance));
  const [lostFrom, lostTo] = around(questions, LOST_SHARE);
  const least = leastTold(questions, lostFrom, lostTo);
  return (gain) => {
    const [up, down] = [LOST_SHARE + gain, LOST_SHARE];
    const [gainedFrom, gainedTo] = around(questions, up);
    let told = 0;
    for (const [index, from] of least.entries()) {
      const lost = lostFrom + index;
      for (
        let gained = Math.max(gainedFrom, from);
        gained <= Math.min(gainedTo, questions - lost);
        gained++
      ) {
        const same = questions - gained - lost;
        const ways = log(questions) - log(gained) - log(lost) - log(same);
        told += Math.exp(ways + power(up, gained) + power(down, lost) + power(1 - up - down, same));
      }
    }
    return told;
  };
}

/** By questions lost, how many must be gained at least; more than there are, where none suffice. */
function leastTold(questions: number, lostFrom: number, lostTo: number): readonly number[] {
  const least: number[] = [];
  // The more are lost, the more must be gained.
  let gained = lostFrom;
  for (let lost = lostFrom; lost <= lostTo; lost++) {
    while (gained <= questions - lost && !canBeTold(shareDifference(gained, lost, questions))) gained += 1;
    least.push(gained);
  }
  return least;
}

function around(questions: number, chance: number): readonly [number, number] {
  const reach = FAR * Math.sqrt(questions * chance * (1 - chance)) + 1;
  const middle = questions * chance;
  return [Math.max(0, Math.floor(middle - reach)), Math.min(questions, Math.ceil(middle + reach))];
}

/** ln n! of each n up to the last. */
export function logFactorials(most: number): readonly number[] {
  const logs = [0];
  for (let count = 1; count <= most; count++) logs.push((logs[count - 1] ?? 0) + Math.log(count));
  return logs;
}
