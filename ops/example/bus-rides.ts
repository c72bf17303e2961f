/**
 * Word problems that a small pretrained model cannot answer at once but can walk through:
 *
 *     question  A bus has 7 people. Stops: A +5, B -3. How many now?
 *     trace     A:7+5=12
 *               B:12-3=9
 *     answer    9
 *
 * The ride has as many lines of reasoning as stops, and no line can be written without the one before.
 */
import { seededRandom } from '../../orchestrator/plan/random.ts';

interface Ride {
  readonly question: string;
  readonly trace: string;
  readonly answer: string;
}

const FEWEST_STOPS = 3;
const MOST_STOPS = 7;
const MOST_AT_A_STOP = 9;
/** Seats of the bus: larger sums would have to be learnt with their own samples. */
const SEATS = 20;

const SEED = 1;
const SAMPLES = 256;
const QUESTIONS = 64;

/** The example's files by name, as JSON Lines. No test question is in the training set, because no ride is drawn twice. */
export function exampleData(): Readonly<Record<string, string>> {
  const rides = busRides(SAMPLES + QUESTIONS, SEED);
  const lines = (some: readonly Ride[]) => some.map((ride) => `${JSON.stringify(ride)}\n`).join('');
  return {
    'bus-rides.jsonl': lines(rides.slice(0, SAMPLES)),
    'bus-rides-test.jsonl': lines(rides.slice(SAMPLES)),
  };
}

/** As many rides as wanted, no two of which ask the same; a longer list begins with the shorter one of its seed. */
function busRides(count: number, seed: number): readonly Ride[] {
  const random = seededRandom(seed);
  const rides = new Map<string, Ride>();
  while (rides.size < count) {
    const ride = drawRide(random);
    rides.set(ride.question, ride);
  }
  return [...rides.values()];
}

function drawRide(random: () => number): Ride {
  const below = (bound: number) => Math.floor(random() * bound);
  const numStops = FEWEST_STOPS + below(MOST_STOPS - FEWEST_STOPS + 1);
  const start = 2 + below(MOST_AT_A_STOP - 1);
  let people = start;
  const events = [];
  const lines = [];
  for (const stop of 'ABCDEFGHIJ'.slice(0, numStops)) {
    const mostOn = Math.min(MOST_AT_A_STOP, SEATS - people);
    const mostOff = Math.min(MOST_AT_A_STOP, people);
    const getOn = mostOff === 0 || (mostOn > 0 && random() < 0.5);
    const many = 1 + below(getOn ? mostOn : mostOff);
    const change = `${getOn ? '+' : '-'}${many}`;
    const after = getOn ? people + many : people - many;
    events.push(`${stop} ${change}`);
    lines.push(`${stop}:${people}${change}=${after}`);
    people = after;
  }
  return {
    question: `A bus has ${start} people. Stops: ${events.join(', ')}. How many now?`,
    trace: lines.join('\n'),
    answer: `Final Answer: ${people}`,
  };
}
