import { temporaryFolder } from '../store/fixtures.ts';
import type { Kill } from './controller-process.ts';
import type { Fault } from './scenario.ts';
import { makeScenery } from './scenery.ts';
import { simulate } from './simulate.ts';

interface Killed {
  readonly awaits: number;
  readonly failures: readonly string[];
}

/**
 * Lives a run again and again, and kills its first controller at another of its awaits each time, at every `step`th: whoever
 * comes after it has to end the run as if nothing had been, with no time in doubt.
 */
export async function killAtEachAwait(fault: Fault, moment: Kill['moment'], step = 1): Promise<Killed> {
  const scenery = await makeScenery(temporaryFolder());
  const scenario = { seed: 1, faults: [fault], isShort: true };
  const whole = await simulate(scenario, scenery);
  const failures = [...whole.problems];
  let [unharmed, kills, doubtful] = [0, 0, 0];
  for (let at = 1; at <= whole.awaits; at += step) {
    const lived = await simulate({ ...scenario, kill: { at, moment } }, scenery);
    kills += lived.kills;
    if (lived.kills === 0) unharmed += 1;
    doubtful += lived.doubtfulPods + lived.unseenPods;
    if (lived.problems.length > 0) failures.push(`${moment} await ${at}: ${lived.problems.join('; ')}`);
  }
  console.log(
    `${fault.kind}, killed ${moment} an await: ${kills} kills at ${whole.awaits} awaits, ${doubtful} pods in doubt`,
  );
  // What still ends beside the last await may be over before it.
  if (unharmed > 1) failures.push(`${unharmed} of the controllers were not killed`);
  if (doubtful > 0) failures.push(`${doubtful} pods are in doubt`);
  return { awaits: whole.awaits, failures };
}
