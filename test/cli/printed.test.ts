// Every command with --json, over a home with runs: what it prints is what its schema says.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { runProgram } from '../../orchestrator/cli/program.ts';
import { addAccounts } from '../../orchestrator/cli/usage/accounts.ts';
import type { Add } from '../../orchestrator/cli/usage/add.ts';
import { addClusters } from '../../orchestrator/cli/usage/clusters.ts';
import { addRecipes } from '../../orchestrator/cli/usage/recipes.ts';
import { addResults } from '../../orchestrator/cli/usage/results.ts';
import { addRuns } from '../../orchestrator/cli/usage/runs.ts';
import { addServer } from '../../orchestrator/cli/usage/server.ts';
import { commandOf, PRINTED, ProblemsSchema } from '../../orchestrator/contract/printed.ts';
import { localStint } from '../../orchestrator/operations/local-stint.ts';
import type { Cluster } from '../../orchestrator/ports/cluster.ts';
import { siteOfTests } from '../operations/site-of-tests.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';
import { checkpoint, temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

/** These work in Python, on devices, or until they are ended: the end-to-end tests read what they print by the same schemas. */
const ELSEWHERE = ['init', 'data inspect', 'rehearse', 'serve'];

/** Names of all commands, as the program has them. */
function commands(): readonly string[] {
  const program = new Command();
  const names: string[] = [];
  const add: Add = (parent, usage) => {
    const command = parent.command(usage);
    names.push(parent === program ? command.name() : `${parent.name()} ${command.name()}`);
    return command;
  };
  for (const addGroup of [addRecipes, addClusters, addRuns, addAccounts, addResults, addServer])
    addGroup(program, add);
  return names;
}

async function open() {
  const home = temporaryFolder();
  const cluster = {
    outlives: true,
    watch: async function* () {
      yield { pods: [], jobs: [] };
    },
    runs: async () => [],
  } as unknown as Cluster;
  const keptLogs = {
    open: () => Promise.reject(new Error('nothing is kept here')),
    of: async () => [
      {
        uid: 'p1',
        name: 'train-a1-0',
        since: 1,
        lines: async function* () {
          yield { at: 1, text: 'step 1' };
          yield { at: 2, text: 'step 2' };
        },
      },
    ],
  };
  const workplace = { ...(await workplaceOfTests(home)), clusterFor: async () => cluster, keptLogs };
  const site = siteOfTests(home);
  const startInBackground = async () => ({ pid: 1, log: 'log', exitCode: () => 0, said: () => '' });
  const { context, printed, told } = commandContext({
    ...site,
    openWorkplace: async () => workplace,
    openStint: async () => localStint(workplace, site),
    startInBackground,
  });
  const run = async (args: readonly string[]) => {
    printed.length = 0;
    const contextOfRun = { ...context, close: async () => undefined };
    const code = await runProgram([...args, '--json'], '0.0.0', () => contextOfRun, context.output);
    return { code, text: printed.join('\n'), told };
  };
  const budgets = join(home, 'budgets.yaml');
  writeFileSync(
    budgets,
    JSON.stringify({
      kind: 'Budgets',
      budgets: [{ name: 'red-monthly', team: 'red', period: 'month', gpuHours: 100 }],
    }),
  );
  return { run, budgets };
}

const ONE = checkpoint('r-0001').digest;
const QUICKSTART = ['recipes/quickstart.yaml', '--cluster', 'laptop'];

/** Of each command the ways in which it prints another document. */
const lines = (budgets: string): readonly (readonly string[])[] => [
  ['runs', 'ls'],
  ['runs', 'ls', '--all'],
  ['runs', 'show', 'r-0001'],
  ['runs', 'logs', 'r-0001'],
  ['runs', 'cancel', 'r-0001'],
  ['runs', 'resume', 'r-0002'],
  ['launch', ...QUICKSTART],
  ['plan', ...QUICKSTART],
  ['plan', 'recipes/s1-32b.yaml', '--cluster', 'h100-16'],
  ['plan', ...QUICKSTART, '--sweep', 'training.sequenceLength=32,128'],
  ['render', 'recipes/s1-32b.yaml', '--cluster', 'h100-16'],
  ['doctor', '--cluster', 'laptop'],
  ['doctor', '--cluster', 'h100-16'],
  ['nodes', '--cluster', 'h100-16'],
  ['release', 'r-elsewhere', '--cluster', 'h100-16', '--yes'],
  ['recover', '--cluster', 'h100-16'],
  ['recover', '--cluster', 'h100-16', '--yes'],
  ['cost'],
  ['cost', '--by', 'month,phase'],
  ['cost', 'r-0001', '--by', 'team,node'],
  ['budgets', 'apply', budgets],
  ['budgets', 'ls'],
  ['ledger', 'verify'],
  ['checkpoints', 'ls'],
  ['checkpoints', 'show', ONE],
  ['checkpoints', 'verify', ONE],
  ['compare', 'r-0001', 'r-0003'],
  ['compare', 'r-0001', 'r-0003', '--tokens'],
  ['eval', '--paper', 's1'],
  ['eval', 'show', 'r-0001', '--question', '1'],
  ['eval', 'show', 'r-0001', '--against', 'r-0003'],
  ['tokens', 'create', 'ben', '--role', 'viewer', '--days', '2'],
  ['tokens', 'ls'],
  ['tokens', 'revoke', 'ben'],
];

test('every command has a schema, and each is tried here or by the end-to-end tests', () => {
  expect(Object.keys(PRINTED).toSorted()).toEqual(commands().toSorted());
  const tried = new Set([...lines('').map(commandOf), ...ELSEWHERE]);
  expect(commands().filter((name) => !tried.has(name as keyof typeof PRINTED))).toEqual([]);
});

test('what a command prints with --json parses with its schema', async () => {
  const { run, budgets } = await open();
  for (const args of lines(budgets)) {
    const { text, told } = await run(args);
    const name = commandOf(args);
    if (name === undefined) throw new Error(`${args.join(' ')} is no command`);
    const documents = name === 'runs logs' ? text.split('\n') : [text];
    for (const each of documents) {
      const parsed = PRINTED[name].safeParse(each === '' ? undefined : JSON.parse(each));
      expect(
        [args.join(' '), parsed.error?.issues ?? []],
        `${text.slice(0, 500)}\n${told.join('\n')}`,
      ).toEqual([args.join(' '), []]);
    }
  }
});

test('what a command refuses is a document of problems, whichever it is', async () => {
  const { run } = await open();
  for (const args of [
    ['runs', 'show', 'r-none'],
    ['runs', 'logs', 'r-0001', '--stage', 'trian'],
    ['plan', 'nowhere.yaml', '--cluster', 'laptop'],
    ['plan', 'recipes/quickstart.yaml'],
    ['nodes', '--cluster', 'laptop'],
    ['release', 'r-none'],
    ['cost', '--by', 'colour'],
    ['tokens', 'create', 'x', '--role', 'king'],
    ['fly'],
  ]) {
    const { code, text } = await run(args);
    expect([args, code]).toEqual([args, 2]);
    expect(ProblemsSchema.parse(JSON.parse(text)).problems.length).toBeGreaterThan(0);
  }
});
