import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The version and commit of a checkout, `0.1.0+3f2a…`, with `-modified` when files differ from the commit. */
export async function codeVersion(checkout: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as {
    version: string;
  };
  try {
    const commit = await run('git', ['rev-parse', 'HEAD'], { cwd: checkout });
    const changes = await run('git', ['status', '--porcelain', '--untracked-files=no'], { cwd: checkout });
    return `${version}+${commit.stdout.trim()}${changes.stdout.trim() === '' ? '' : '-modified'}`;
  } catch {
    return version; // Not a checkout of git, or no git here: an image, an archive.
  }
}
