import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { describe, expect, it } from 'vitest';

/** What is in the repository or about to be: tracked files, and untracked ones that are not ignored. */
const paths = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(path));
const isCode = (path: string) => /\.(ts|mjs|py|sh)$/.test(path);
const isText = (path: string) => isCode(path) || /\.(md|ya?ml|json|toml|in|lock|html|css)$/.test(path);
const textOf = (path: string) => readFileSync(path, 'utf8');

describe('the tree', () => {
  it('was read', () => {
    expect(paths).toContain('package.json');
    expect(paths.filter(isCode).length).toBeGreaterThan(100);
  });

  it('has no file of code over its limit: 400 lines, in Python 250', () => {
    const limit = (path: string) => (path.endsWith('.py') ? 250 : 400);
    const numLines = (path: string) => textOf(path).split('\n').length - 1;
    expect(paths.filter(isCode).filter((path) => numLines(path) > limit(path))).toEqual([]);
  });

  it('names each file after one concept', () => {
    const catchAll = /(^|\/)(utils?|helpers?|misc|common|index|types|constants)\.(ts|mjs|py)$/;
    expect(paths.filter((path) => catchAll.test(path))).toEqual([]);
    const kebab = /^[a-z0-9.-]+$/;
    expect(
      paths.filter((path) => /\.(ts|mjs)$/.test(path) && !kebab.test(path.split('/').at(-1) ?? '')),
    ).toEqual([]);
  });

  it('speaks of no one machine: neither of where this clone lies nor of its user', () => {
    const places = [process.cwd(), homedir()].map((place) => `${place}/`);
    const names = (text: string) => places.some((place) => text.includes(place));
    expect(names(`see ${process.cwd()}/README.md`)).toBe(true);
    expect(paths.filter(isText).filter((path) => names(textOf(path)))).toEqual([]);
  });
});
