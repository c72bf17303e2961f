// One process standing in for another: `node` of any version hands over to the pinned one and stays in front of it.
import { spawn } from 'node:child_process';

const MARK = 'STINT_STAND_IN';

/**
 * A terminal sends these to every process in its foreground group, so the child already has its own copy.
 * @type {readonly NodeJS.Signals[]}
 */
const SENT_BY_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGHUP'];

/**
 * Runs `script` under `node` in place of this process: same standard streams, signals and exit code.
 * The script calls `endWithStarter()`, so that it does not outlive this process, not even after SIGKILL.
 * @param {string} node
 * @param {string} script
 * @param {readonly string[]} args
 */
export function standIn(node, script, args) {
  const child = spawn(node, [script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [MARK]: '1' },
  });
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of SENT_BY_TERMINAL) process.on(signal, () => onTerminal || child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`error: ${node} could not be started (${error.message})\n  to do: run \`npm run setup\``);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of [...SENT_BY_TERMINAL, 'SIGTERM']) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

/** Ends this process as SIGTERM would when the process that started it as a stand-in is gone. */
export function endWithStarter() {
  if (process.env[MARK] === undefined) return;
  delete process.env[MARK];
  const end = () => process.kill(process.pid, 'SIGTERM');
  process.once('disconnect', end);
  process.channel?.unref();
  if (!process.connected) end();
}
