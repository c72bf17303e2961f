import { mkdtempSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tellFailure } from '../../orchestrator/cli/last-net.ts';
import { runProgram } from '../../orchestrator/cli/program.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { commandContext } from './command-context.ts';

const newHome = () => mkdtempSync(join(tmpdir(), 'stint-net-'));

function failure(error: unknown, { home = newHome(), json = false } = {}) {
  const { context, printed, told } = commandContext({});
  const code = tellFailure(error, { output: context.output, home, json, version: '1', argv: ['plan', 'x'] });
  return { code, printed, text: told.join('\n') };
}

it('says of what nobody foresaw in one sentence that it is a defect, and keeps the stack in the home', () => {
  const home = newHome();
  const { code, text } = failure(new TypeError('x is not a function\nat all'), { home });
  expect(code).toBe(70);
  expect(text.split('\n')[0]).toBe(
    'error: this is a defect of Stint, not of what you gave it: TypeError: x is not a function',
  );
  expect(text).not.toContain('last-net.test.ts');
  const file = /where: (.*)/.exec(text)?.[1] ?? '';
  expect(file.startsWith(join(home, 'logs'))).toBe(true);
  expect(readFileSync(file, 'utf8')).toMatch(/stint plan x[\s\S]*TypeError[\s\S]*last-net\.test\.ts/);
});

it('keeps it elsewhere where there is no home, and makes none', () => {
  const { text } = failure(new Error('x'), { home: '/nowhere/.stint' });
  expect(/where: (.*)/.exec(text)?.[1]?.startsWith(tmpdir())).toBe(true);
});

it('gives a document with --json', () => {
  const { printed } = failure('thrown text', { json: true });
  expect(JSON.parse(printed.join(''))).toMatchObject({
    problems: [{ code: 'defect', what: expect.stringContaining('thrown text') as string }],
  });
});

it('calls what the machine refuses no defect', async () => {
  const { code, text } = failure(await readFile('/nowhere/file').catch((error: unknown) => error));
  expect(code).toBe(1);
  expect(text).toBe(
    'error: there is no such file or folder\n  where: /nowhere/file\n  why:   open: ENOENT\n  to do: check the path',
  );
});

it('leaves to an expected failure its own words and code', () => {
  const error = new StintError({ code: 'over-budget', what: 'no', todo: 'wait' });
  expect(failure(error)).toMatchObject({ code: 3, text: 'error: no\n  to do: wait' });
});

it('is below every command', async () => {
  const { context, told } = commandContext({});
  const open = () => ({
    ...context,
    openWorkplace: () => Promise.reject(new RangeError('deep')),
    close: async () => undefined,
  });
  expect(await runProgram(['runs', 'ls'], '1', open, context.output)).toBe(70);
  expect(told.join('')).toContain('a defect of Stint');
});
