import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLog } from '../../orchestrator/logging/open-log.ts';
import { temporaryFolder } from '../store/fixtures.ts';

it('makes its file with the first line, and has each line in it when it was given', () => {
  const file = join(temporaryFolder(), 'logs', 'stint.jsonl');
  const log = openLog(file);
  expect(existsSync(file)).toBe(false);
  const lines = () =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly time: string });
  log.info({ run: 'r-1' }, 'begun');
  expect(lines()).toEqual([expect.objectContaining({ level: 30, run: 'r-1', msg: 'begun' })]);
  expect(Date.now() - Date.parse(lines()[0]?.time ?? '')).toBeLessThan(60_000);
  log.warn({ run: 'r-2' }, 'odd');
  expect(lines().slice(1)).toEqual([expect.objectContaining({ level: 40, run: 'r-2', msg: 'odd' })]);
  openLog(file).info({}, 'again');
  expect(lines()).toHaveLength(3);
});
