import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

/** What a command does; its exit code. */
export type Action<Options> = (args: string[], options: Options, context: CliContext) => Promise<number>;

/** Adds a command with its `--json`, and gives it for further options. */
export type Add = <Options extends { json?: boolean }>(
  parent: Command,
  usage: string,
  description: string,
  action: Action<Options>,
) => Command;
