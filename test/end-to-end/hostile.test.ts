// 10,000 requests of people who may not ask, to a real `stint serve`: nothing changes, and nothing is learnt.
import { readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { inLanes } from '../../ops/in-lanes.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { type LoadedArm, loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { createToken } from '../../orchestrator/operations/create-token.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { seededRandom } from '../../orchestrator/plan/random.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord } from '../store/fixtures.ts';
import { type Hostile, hostileRequest, RUN_HERE } from './hostile-requests.ts';
import { serveHome } from './serve-home.ts';
import { newHome, until } from './stint.ts';

const PAIRS = 5_000;
const AT_ONCE = 16;
const SEED = 20_260_714;
const DAY_MILLISECONDS = 24 * 3_600_000;

/** As long as each other, so that nothing but the id differs. */
const KNOWN = 'r-0known0known';
const OTHER = 'r-0other0other';
const UNKNOWN = 'r-0nobody0know';
/** What no answer may have in it. */
const SECRETS = ['redteam', 'quickstartsecret', 'keeper'];

/** A home with a run of another team, and every kind of token that does not let its bearer at it. */
async function homeWithRun() {
  const home = await newHome();
  const [{ arms }, profile] = await Promise.all([
    loadRecipe('recipes/quickstart.yaml'),
    loadProfile('laptop'),
  ]);
  const [arm] = arms as [LoadedArm, ...LoadedArm[]];
  const store = await openStore(join(home, 'stint.db'));
  const recipe = { ...arm.recipe, team: 'redteam', name: 'quickstartsecret' };
  const plan = makePlan(arm.recipe, arm.recipeDigest, profile);
  for (const id of [KNOWN, OTHER]) {
    await store.runs.create([
      runRecord({ id, recipe, profile, plan, name: 'quickstartsecret', ablation: null }),
    ]);
    await store.runs.append(id, 0, Date.now(), [{ type: 'stopped', message: 'by hand' }]);
  }
  const make = async (question: Parameters<typeof createToken>[1], now = Date.now) =>
    (await createToken({ store, now }, question)).token;
  const yesterday = () => Date.now() - 2 * DAY_MILLISECONDS;
  const admin = await make({ name: 'keeper', role: 'admin' });
  const expired = await make({ name: 'expired', role: 'admin', days: 1 }, yesterday);
  const revoked = await make({ name: 'revoked', role: 'admin' });
  await store.tokens.revoke('revoked', Date.now());
  const strangers = [
    await make({ name: 'blue-viewer', role: 'viewer', team: 'blue' }),
    await make({ name: 'blue-admin', role: 'admin', team: 'blue' }),
    await make({ name: 'trainer-of-other', role: 'viewer', run: OTHER }),
  ];
  await store.close();
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    `Bearer ${admin.slice(0, -1)}`,
    `Bearer ${admin}x`,
    `bearer ${expired}`,
    `Bearer ${revoked}`,
    `Bearer ${admin} ${admin}`,
    `Basic ${Buffer.from(`keeper:${admin}`).toString('base64')}`,
    `Bearer ${'y'.repeat(13_000)}`,
    'Bearer \u00e9\u00ff',
    'Bearer null',
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJrZWVwZXIifQ.x',
  ];
  return { home, admin, wrong, strangers: strangers.map((token) => `Bearer ${token}`) };
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

/** A server that answers before it has read all resets the connection, which may take its answer away on the way. */
const MOST_RESETS = 20;

/** What comes back for bytes that are sent, again where the answer was lost; status 0 where there is none of HTTP. */
async function send(port: number, text: string): Promise<Reply> {
  for (let times = 0; ; times += 1) {
    const { isReset, ...reply } = await sendOnce(port, text);
    if (!isReset) return reply;
    if (times === MOST_RESETS) throw new Error(`no answer is heard whole: ${text.slice(0, 200)}`);
  }
}

function sendOnce(port: number, text: string): Promise<Reply & { readonly isReset: boolean }> {
  return new Promise((resolve) => {
    let heard = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(text, 'latin1'));
    const end = (isReset: boolean): void => {
      socket.destroy();
      const [head = '', ...rest] = heard.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      const body = rest.join('\r\n\r\n');
      const promised = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      resolve({ status, body, isReset: isReset && (status === 0 || body.length < promised) });
    };
    socket.setEncoding('latin1');
    // Some promise a body that never comes.
    socket.setTimeout(1_000, () => end(false));
    socket.on('data', (chunk: string) => void (heard += chunk));
    socket.on('error', () => end(true));
    socket.on('close', () => end(false));
  });
}

/** All that is recorded; what a server writes to say that it lives is no part of it. */
function recorded(home: string): string {
  const database = new DatabaseSync(join(home, 'stint.db'), { readOnly: true });
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !['attendants', 'leases'].includes(name));
  const rows = tables.map((name) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]);
  database.close();
  return JSON.stringify(rows);
}

/** Files of a home and their sizes, without the database, whose content is looked at, and the log. */
async function filesOf(home: string): Promise<readonly string[]> {
  const names = await readdir(home, { recursive: true });
  const kept = names.filter((name) => !/^stint\.db|stint\.jsonl$/.test(name)).toSorted();
  return Promise.all(
    kept.map(async (name) => {
      const found = await stat(join(home, name));
      return found.isFile() ? `${name} ${found.size}` : name;
    }),
  );
}

const about = (run: string, { text }: Hostile): string => text.replaceAll(RUN_HERE, run);
const withoutId = ({ status, body }: Reply, run: string): string =>
  `${status} ${body.replaceAll(run, 'RUN')}`;

test('10,000 hostile requests change nothing, and tell nobody whether a run is there', async () => {
  const { home, admin, wrong, strangers } = await homeWithRun();
  const { server, url, said } = await serveHome(home);
  const port = Number(new URL(url).port);
  let before = '';
  await until('the server has settled', async () => {
    const [last, now] = [before, recorded(home)];
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return last === now;
  });
  const files = await filesOf(home);
  const random = seededRandom(SEED);
  const bearers = [...wrong, ...strangers, ...strangers, ...strangers];
  const requests = Array.from({ length: PAIRS }, () => hostileRequest(random, bearers));
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  await inLanes(AT_ONCE, requests.length, async (index) => {
    const request = requests[index] as Hostile;
    const [known, unknown] = [
      await send(port, about(KNOWN, request)),
      await send(port, about(UNKNOWN, request)),
    ];
    statuses.set(known.status, (statuses.get(known.status) ?? 0) + 1);
    const told = withoutId(known, KNOWN);
    if (told !== withoutId(unknown, UNKNOWN)) faults.push(`${request.drawn}\n${told}\n${unknown.body}`);
    if (known.status >= 500 || /\bat .*\.(ts|js|mjs):\d/.test(told)) faults.push(`${request.drawn}\n${told}`);
    const secret = [...SECRETS, home].find((each) => told.includes(each));
    if (secret !== undefined) faults.push(`${request.drawn}\nholds ${secret}: ${told}`);
  });
  expect(faults.slice(0, 3)).toEqual([]);
  // Who is known and who is not, what is there and what is not, what can be read and what cannot: all were drawn.
  for (const status of [200, 400, 401, 403, 404]) expect(statuses.get(status) ?? 0).toBeGreaterThan(20);
  expect(recorded(home)).toBe(before);
  expect(await filesOf(home)).toEqual(files);
  expect(said()).toBe('');
  expect(await readFile(join(home, 'logs', 'stint.jsonl'), 'utf8').catch(() => '')).not.toContain('"defect"');
  const asked = await fetch(`${url}/api/v1/runs/${KNOWN}`, { headers: { authorization: `Bearer ${admin}` } });
  expect([asked.status, await asked.json()]).toMatchObject([200, { id: KNOWN, recipe: 'quickstartsecret' }]);
  server.kill('SIGTERM');
  expect((await server).exitCode).toBe(0);
});
