import type { Command } from 'commander';
import type { Add } from './add.ts';
import { cluster, first } from './options.ts';

/** What is done with a cluster. */
export function addClusters(program: Command, add: Add): void {
  add<{ cluster: string; json?: boolean }>(
    program,
    'doctor',
    'whether runs can work on a cluster, and how to fix what is in the way; changes nothing',
    async (_, options, context) => (await import('../commands/doctor.ts')).doctor(options, context),
  ).requiredOption(...cluster);

  add<{ cluster: string; json?: boolean }>(
    program,
    'nodes',
    'device nodes of a cluster, who holds them, which failed runs, and pods without a run',
    async (_, options, context) => (await import('../commands/nodes.ts')).nodes(options, context),
  ).requiredOption(...cluster);

  add<{ cluster: string; yes?: boolean; json?: boolean }>(
    program,
    'recover',
    'when the store was lost, record runs again from their folders and from what their cluster shows',
    async (_, options, context) => (await import('../commands/recover.ts')).recover(options, context),
  )
    .requiredOption(...cluster)
    .option('--yes', 'record them; else only what would be recorded is said');

  add<{ cluster?: string; yes?: boolean; json?: boolean }>(
    program,
    'release <run>',
    "in an emergency, take a run's objects off a cluster; a run of this store is settled with it",
    async (args, options, context) =>
      (await import('../commands/release.ts')).release(first(args), options, context),
  )
    .option('--cluster <profile>', `${cluster[1]}; default: where this store launched it`)
    .option('--yes', 'do it; else only what is there and what would be lost is said');
}
