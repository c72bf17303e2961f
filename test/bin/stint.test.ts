import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stint-bin-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the command in a clone without packages', () => {
  it('says what to run, and no stack trace', () => {
    cpSync('bin', join(folder, 'bin'), { recursive: true });
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin/stint.mjs'), '--help'], {
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        'error: the packages that stint needs are not installed\n  to do: run `npm run setup` in the clone\n',
    });
  });
});

const standInModule = JSON.stringify(resolve('bin/stand-in.mjs'));
const outer = `
  import { standIn } from ${standInModule};
  standIn(process.execPath, process.argv[2], process.argv.slice(3));
`;
const inner = `
  import { endWithStarter } from ${standInModule};
  endWithStarter();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { console.log(signal); process.exit(75); });
  console.log(process.pid);
  if (process.argv[2] === 'wait') setTimeout(() => {}, 20_000);
  else process.exitCode = Number(process.argv[2]);
`;

/** Starts `inner` behind `outer`; `said` is what inner prints after its process id. */
async function start(argument: string) {
  writeFileSync(join(folder, 'outer.mjs'), outer);
  writeFileSync(join(folder, 'inner.mjs'), inner);
  const child = spawn(process.execPath, [join(folder, 'outer.mjs'), join(folder, 'inner.mjs'), argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  await once(child.stdout, 'data');
  const pid = Number(chunks[0]);
  expect(pid).not.toBe(child.pid);
  return { child, pid, said: () => chunks.slice(1).join('') };
}

describe('a process with a stand-in', () => {
  it.each([0, 3])('ends with exit code %i of the other', async (code) => {
    const { child } = await start(String(code));
    expect(await once(child, 'close')).toEqual([code, null]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on, once', async (signal) => {
    const { child, said } = await start('wait');
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([75, null]);
    expect(said()).toBe(`${signal}\n`);
  });

  it('takes the other with it when it is killed outright', async () => {
    const { child, said } = await start('wait');
    child.kill('SIGKILL');
    // Comes only when the last process that holds the pipe of standard output has ended.
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
    expect(said()).toBe('SIGTERM\n');
  });

  it('dies of the signal that the other died of', async () => {
    const { child, pid } = await start('wait');
    process.kill(pid, 'SIGKILL');
    expect(await once(child, 'close')).toEqual([null, 'SIGKILL']);
  });
});
