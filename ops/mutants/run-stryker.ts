import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FOLDER, STRYKER } from './install.ts';
import type { MutationReport } from './mutant.ts';
import { SAMPLE, type Sample } from './sample.ts';

/** Lets StrykerJS make its faults in a room, in a copy of the clone, and ask the room's tests. */
export async function runStryker(room: string, sample: Sample): Promise<MutationReport> {
  const [settings, report] = [join(FOLDER, `${room}.json`), join(FOLDER, `${room}.report.json`)];
  rmSync(report, { force: true });
  writeFileSync(settings, JSON.stringify(settingsOf(room, report, sample)));
  const child = spawn(process.execPath, [STRYKER, 'run', settings], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, STINT_MUTANTS_ROOM: room, [SAMPLE]: JSON.stringify(sample) },
  });
  const status = await new Promise<number | null>((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (status !== 0) throw new Error(`StrykerJS ended with ${status} in the room ${room}`);
  return JSON.parse(readFileSync(report, 'utf8')) as MutationReport;
}

const settingsOf = (room: string, report: string, { percent }: Sample) => ({
  mutate: [`orchestrator/${room}/**/*.ts`],
  plugins: ['@stryker-mutator/*', join(import.meta.dirname, 'sample.ts')],
  checkers: percent < 100 ? ['sample'] : [],
  testRunner: 'vitest',
  vitest: { configFile: 'ops/mutants/vitest.config.ts', related: true },
  coverageAnalysis: 'perTest',
  // Node strips the types itself; Stryker would look for a tsconfig to rewrite with a compiler API that TypeScript 7 has not.
  tsconfigFile: 'none.json',
  // A busy machine is no endless loop.
  timeoutMS: 30_000,
  concurrency: availableParallelism(),
  tempDirName: join(FOLDER, 'sandbox'),
  ignorePatterns: ['.cache', '.venv', '.stint'],
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: report },
  allowConsoleColors: false,
});
