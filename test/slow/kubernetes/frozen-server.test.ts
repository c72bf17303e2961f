import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../../orchestrator/ports/store.ts';
import { isSettled } from '../../../orchestrator/run/is-settled.ts';
import { newHome, until } from '../../end-to-end/stint.ts';
import { killContainer } from '../../kubernetes/faults/kill-container.ts';
import { needsRealNode } from '../../kubernetes/needs-real-node.ts';
import { newPerson, type Person } from '../../kubernetes/person.ts';
import { rulesFor } from '../../kubernetes/prescribed.ts';
import { AS_LAUNCHED } from '../../kubernetes/profile.ts';
import { expectNothingHeld, NAMESPACE, runningPod } from '../../kubernetes/real-stint.ts';
import { recordScripted, SCRIPTED_PROCESS, type ScriptedPlace } from '../../kubernetes/scripted-run.ts';
import { endServing, sharedStore } from '../../kubernetes/served/served-home.ts';
import { startAttending } from '../../kubernetes/served/start-attending.ts';

beforeEach(needsRealNode);
afterAll(endServing);

const FOR_EVER = `trap 'exit 75' TERM; while :; do sleep 0.05; done`;
/** A server that wakes looks at once, and at all that it watches within it. */
const AWAKE_MILLISECONDS = 15_000;
const READS = /^(get|list|watch) /;

/** A server with a name of its own at the cluster. */
async function startAs(person: Person, place: ScriptedPlace) {
  const server = await startAttending(SCRIPTED_PROCESS, place, person.kubeconfig);
  onTestFinished(() => server.kill('SIGKILL'));
  return server;
}

const ownerIn = async (store: Store): Promise<string | undefined> => (await store.leases.list())[0]?.owner;
const writesOf = async (person: Person) =>
  (await person.requests()).filter(({ right }) => !READS.test(right));

test('a server that stood still while another took over and relaunched writes nothing to the cluster when it wakes', async () => {
  const home = await newHome();
  const script = { script: FOR_EVER, profile: { ...AS_LAUNCHED, grace: 5 } };
  const place: ScriptedPlace = { home, address: await sharedStore(), script };
  const { record, store } = await recordScripted(place);
  const people = [await newPerson(), await newPerson()] as const;
  for (const person of people) await person.allow(NAMESPACE, rulesFor(record));

  const [one, other] = people;
  const first = await startAs(one, place);
  await runningPod(record.id, 0);
  await runningPod(record.id, 1);
  const held = await ownerIn(store);
  expect(await writesOf(one)).not.toEqual([]);

  await startAs(other, place);
  first.kill('SIGSTOP');
  const frozenAt = Date.now();
  await until('the other one holds the run', async () => {
    const owner = await ownerIn(store);
    return owner !== undefined && owner !== held;
  });
  console.log(`taken over after ${((Date.now() - frozenAt) / 1_000).toFixed(1)} s`);
  // What there is to do falls to the other one: an attempt that ended is settled, and the next one is launched.
  const before = await runningPod(record.id, 1);
  await killContainer(NAMESPACE, before);
  await until('the second attempt runs', async () => (await runningPod(record.id, 1)) !== before);
  expect(await writesOf(other)).not.toEqual([]);

  first.kill('SIGCONT');
  await pause(AWAKE_MILLISECONDS);
  await store.requests.ask(record.id, 'cancel', Date.now());
  await until('it is settled', async () => isSettled((await store.runs.state(record.id)).run, true));
  expect((await store.runs.state(record.id)).run.state.kind).toBe('stopped');
  await expectNothingHeld(record.id);
  expect((await writesOf(one)).filter(({ at }) => at > frozenAt)).toEqual([]);
  const numbers = (await store.runs.events(record.id)).map(({ seq }) => seq);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  await store.close();
});
