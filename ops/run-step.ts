import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { delimiter, resolve } from 'node:path';
import { settle, summarize, type Tally } from './test-report.ts';
import type { Step } from './test-steps.ts';

const LIMIT_MINUTES = 45;

interface Ending {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a step to its end. Tools are found beside this Node, so that each of them runs under it, too. */
function run({ command, args, env, givesWay, limitMinutes = LIMIT_MINUTES }: Step): Promise<Ending> {
  const path = [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, PATH: path },
    timeout: limitMinutes * 60_000,
  });
  if (givesWay && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const stop = () => {
    child.kill('SIGTERM');
    process.exit(143);
  };
  process.once('SIGTERM', stop);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((done) => {
    child.on('error', (error) => output.push(Buffer.from(`${command}: ${error.message}\n`)));
    child.on('close', (status) => {
      process.off('SIGTERM', stop);
      done({ status, output: Buffer.concat(output).toString() });
    });
  });
}

/** Runs a step and says in a line what became of it; what it has printed follows where it failed. */
export async function check(step: Step): Promise<Tally> {
  const startedAt = performance.now();
  if (step.report) rmSync(step.report.path, { force: true });
  const { status, output } = await run(step);
  const tally = settle(step.report ? readReport(step.report) : passOrFail(status), status);
  const seconds = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(8);
  const counts = step.report ? `  ${summarize([tally])}` : '';
  console.log(`${tally.failed === 0 ? 'ok    ' : 'FAILED'} ${step.name.padEnd(28)}${seconds}${counts}`);
  for (const name of tally.skipped) console.log(`       skipped: ${name}`);
  if (tally.failed > 0) console.log(output.trimEnd());
  return tally;
}

const passOrFail = (status: number | null): Tally => ({
  passed: status === 0 ? 1 : 0,
  failed: status === 0 ? 0 : 1,
  skipped: [],
});

function readReport({ path, tally }: NonNullable<Step['report']>): Tally | undefined {
  return existsSync(path) ? tally(readFileSync(path, 'utf8')) : undefined;
}
