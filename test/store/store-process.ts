import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { judge } from '../../orchestrator/budget/judge.ts';
import { reservationFor } from '../../orchestrator/controller/admit-runs.ts';
import { isStintError } from '../../orchestrator/errors/stint-error.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openPostgres } from '../../orchestrator/store/open-postgres.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { isConflict } from '../../orchestrator/store/store-error.ts';

/**
 * A process that works on a store: `node store-process.ts WORK ADDRESS RUN NAME COUNT`. It says `ready`, waits for a line,
 * so that several start at the same moment, and says one line for each thing that was acknowledged.
 */
const [work = '', address = '', run = '', name = '', count = '0'] = process.argv.slice(2);

const say = (line: string): void => void writeSync(1, `${line}\n`);

const WORK: Readonly<Record<string, (store: Store) => Promise<void>>> = {
  open: async (store) => say(`opened ${(await store.runs.list()).length}`),

  append: async (store) => {
    for (let step = 0; step < Number(count); ) {
      const after = (await store.runs.events(run)).length;
      try {
        await store.runs.append(run, after, 0, [{ type: 'interrupted', message: `${name} ${step}` }]);
        say(`${name} ${step}`);
        step += 1;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  },

  record: async (store) => {
    for (let at = 0; at < Number(count); at += 1) {
      const key = `${name}:${at}`;
      await store.ledger.record([{ kind: 'ended', key, run, pod: name, at, seen: true }]);
      say(key);
    }
  },

  ask: async (store) => {
    await store.requests.ask(run, 'cancel', 1);
    say('asked');
  },

  withdraw: async (store) => {
    await store.requests.withdraw(run, 'cancel');
    say('withdrawn');
  },

  budget: async (store) => {
    await store.budgets.apply([{ name: 'red', team: 'red', period: 'total', gpuHours: 9 }], 1);
    say('applied');
  },

  lease: async (store) => {
    const lease = { run, owner: name, pid: process.pid, heartbeatAt: 10_000 };
    say((await store.leases.acquire(lease, 5_000)) ? 'held' : 'refused');
  },

  admit: async (store) => {
    const id = `r-${name}`;
    const recipe = { kind: 'FineTune', name: 'count', team: 'red' };
    const asked = { recipe, profile: { name: 'here', device: { model: 'H100' } }, plan: {} };
    const names = { id, name: 'count', arm: 'count', ablation: null, factor: null, recipeDigest: 'd' };
    const record = { ...names, ...asked, createdAt: 5_000 } as unknown as RunRecord;
    const wanted = reservationFor(record, Number(count));
    const admission = { create: [record], resume: [], reserve: [wanted], at: 5_000 };
    try {
      await store.budgets.admit(admission, (book) => judge(book, [wanted], () => null, 5_000));
      say('admitted');
    } catch (error) {
      if (!isStintError(error) || error.code !== 'over-budget') throw error;
      say('refused');
    }
  },
};

say('ready');
await once(process.stdin, 'data');
const store = address.includes('://')
  ? (await openPostgres(address, Date.now)).store
  : await openStore(address);
await WORK[work]?.(store);
await store.close();
process.exit(0);
