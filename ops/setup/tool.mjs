import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A set-up step that cannot succeed; the message is for the person who has to act. */
export class SetupFault extends Error {
  /**
   * @param {string} what
   * @param {string} todo
   */
  constructor(what, todo) {
    super(what);
    this.todo = todo;
  }
}

const [FIRST_LINES, LAST_LINES] = [10, 20];

const CAUSES = [
  [/ENOSPC|No space left on device/i, 'free some disk space, then run this again'],
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|Temporary failure|NewConnectionError|Max retries|Read timed out/i,
    'check the network and the proxy or mirror settings of npm and pip, then run this again',
  ],
  [/EACCES|EPERM|Permission denied/i, 'make the clone writable for this user, then run this again'],
  [
    /ensurepip is not available|No module named '?(venv|ensurepip)/i,
    "install Python's venv module (Debian and Ubuntu: `apt-get install python3-venv`), then run this again",
  ],
];

/**
 * Runs a tool to its end, shows the lines that `show` picks, and on failure repeats its first and last lines.
 * `keepOpen` is a file descriptor that the tool holds as long as it lives.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, keepOpen?: number, show?: (line: string) => string | undefined }} options
 * @returns {Promise<void>}
 */
export function runTool(command, args, { cwd, env, keepOpen, show = () => undefined }) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', keepOpen ?? 'ignore'] });
  /** @type {string[]} */
  const first = [];
  /** @type {string[]} */
  const last = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: /** @type {import('node:stream').Readable} */ (stream) }).on('line', (line) => {
      if (line.trim() === '') return;
      if (first.length < FIRST_LINES) first.push(line);
      else last.push(line);
      if (last.length > LAST_LINES) last.shift();
      const shown = show(line);
      if (shown !== undefined) console.log(`setup:   ${shown}`);
    });
  return new Promise((resolve, reject) => {
    child.on('error', (error) =>
      reject(new SetupFault(`${command} could not be started (${error.message})`, `install ${command}`)),
    );
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const said = [...first, ...last];
      for (const line of said) console.error(`  | ${line}`);
      const cause = CAUSES.find(([pattern]) =>
        said.some((line) => /** @type {RegExp} */ (pattern).test(line)),
      );
      const todo =
        /** @type {string | undefined} */ (cause?.[1]) ??
        'read the lines above, fix what they name, then run this again';
      reject(
        new SetupFault(
          `\`${[command, ...args.slice(0, 3)].join(' ')} …\` ended with ${signal ?? `exit code ${code}`}`,
          todo,
        ),
      );
    });
  });
}
