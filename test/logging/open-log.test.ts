import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { openLog } from '../../orchestrator/logging/open-log.ts';
import { temporaryFolder } from '../store/fixtures.ts';

const linesOf = (file: string): readonly { readonly time: string; readonly error?: unknown }[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

it('makes its file with the first line, and has each line in it when it was given', () => {
  const file = join(temporaryFolder(), 'logs', 'stint.jsonl');
  const log = openLog(file);
  expect(existsSync(file)).toBe(false);
  const lines = () => linesOf(file);
  log.info({ run: 'r-1' }, 'begun');
  expect(lines()).toEqual([expect.objectContaining({ level: 30, run: 'r-1', msg: 'begun' })]);
  expect(Date.now() - Date.parse(lines()[0]?.time ?? '')).toBeLessThan(60_000);
  log.warn({ run: 'r-2' }, 'odd');
  expect(lines().slice(1)).toEqual([expect.objectContaining({ level: 40, run: 'r-2', msg: 'odd' })]);
  openLog(file).info({}, 'again');
  expect(lines()).toHaveLength(3);
});

it('says what an error is, where it comes from, and by what', () => {
  const file = join(temporaryFolder(), 'stint.jsonl');
  const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
  const error = new StintError({ code: 'conflict', what: 'it has changed', todo: 'look' }, { cause });
  openLog(file).warn({ run: 'r-1', error, count: 2 }, 'launch failed');
  openLog(file).warn({ error: 'a text' }, 'odd');
  const [line, text] = linesOf(file);
  expect(line).toMatchObject({
    run: 'r-1',
    count: 2,
    error: {
      type: 'StintError',
      message: error.message,
      problems: [{ code: 'conflict', what: 'it has changed' }],
      stack: expect.stringContaining('open-log.test.ts:'),
      cause: { type: 'Error', message: 'connection refused', code: 'ECONNREFUSED' },
    },
  });
  expect(text?.error).toBe('a text');
});
