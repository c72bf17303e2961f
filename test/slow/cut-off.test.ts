// Launches that are cut off while they are answered: by who asked, and by the death of the server.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { seededRandom } from '../../orchestrator/plan/random.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { newHome } from '../end-to-end/stint.ts';
import { submissionOf } from '../operations/submission-of.ts';

const CUTS = 1_000;
/** Of so many cuts one takes the server with it. */
const KILLS_EVERY = 25;
const SEED = Number(process.env['STINT_TEST_SEED'] ?? Date.now() % 2 ** 31);

const QUICKSTART = await loadRecipe('recipes/quickstart.yaml');
const BODY = JSON.stringify(submissionOf(QUICKSTART, 'laptop'));

async function serve(home: string) {
  const child = execa(process.execPath, ['test/slow/server-process.ts', home], {
    reject: false,
    stderr: 'inherit',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const die = async () => {
    child.kill('SIGKILL');
    await child;
  };
  return { url: new URL(line.toString().trim()), die };
}

/** Asks, and goes away after so long, whatever has come by then. */
async function cut({ hostname, port }: URL, key: string, milliseconds: number): Promise<void> {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const head = [
    'POST /api/v1/runs HTTP/1.1',
    `host: ${hostname}:${port}`,
    'authorization: Bearer whoever',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(BODY)}`,
    `idempotency-key: ${key}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${BODY}`);
  await sleep(milliseconds);
  socket.destroy();
}

/** Asks until there is an answer, as a client does. */
async function ask(url: URL, key: string): Promise<readonly string[]> {
  for (;;) {
    const response = await fetch(new URL('/api/v1/runs', url), {
      method: 'POST',
      body: BODY,
      headers: {
        authorization: 'Bearer whoever',
        'content-type': 'application/json',
        'idempotency-key': key,
      },
    });
    const said = (await response.json()) as { readonly runs?: readonly { readonly id: string }[] };
    if (response.status === 200) return (said.runs ?? []).map(({ id }) => id);
    // Who was cut off is being answered still.
    if (response.status !== 503) throw new Error(JSON.stringify(said));
    await sleep(5);
  }
}

test(`of ${CUTS} launches that were cut off and asked again none is made twice (seed ${SEED})`, async () => {
  const home = await newHome();
  const random = seededRandom(SEED);
  let server = await serve(home);
  const began = performance.now();
  await ask(server.url, 'first');
  const longest = 1.5 * (performance.now() - began);
  const made: string[] = [];
  let kills = 0;
  for (let index = 0; index < CUTS; index += 1) {
    const [key, after] = [`cut-${index}`, random() * longest];
    if (index % KILLS_EVERY === 0) {
      const gone = cut(server.url, key, longest).catch(() => undefined);
      await sleep(after);
      await server.die();
      await gone;
      kills += 1;
      server = await serve(home);
    } else await cut(server.url, key, after);
    const runs = await ask(server.url, key);
    // Replayed, it is the same.
    expect(await ask(server.url, key)).toEqual(runs);
    made.push(...runs);
  }
  await server.die();
  const store = await openStore(`${home}/stint.db`);
  onTestFinished(() => store.close());
  const recorded = (await store.runs.summaries()).length;
  console.log(`${CUTS} cuts, ${kills} of them deaths of the server, ${recorded} runs`);
  const arms = QUICKSTART.arms.length;
  expect([new Set(made).size, made.length, recorded]).toEqual([CUTS * arms, CUTS * arms, (CUTS + 1) * arms]);
}, 1_800_000);
