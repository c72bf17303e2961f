// A real pretrained model, fine-tuned on this machine: `npm run example`. Run again after Ctrl-C, it goes on where it was;
// `npm run example -- --fresh` begins again.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endWithStarter, standIn } from '../bin/stand-in.mjs';
import { fitProfile, SMALLEST_MEMORY } from './example/fit-profile.ts';
import { listRuns } from './example/list-runs.ts';
import { machineMemory } from './example/machine-memory.ts';
import { makeModel } from './example/make-model.ts';
import { profileText } from './example/profile-text.ts';
import { unfinishedRuns } from './example/unfinished-runs.ts';
import { SetupFault } from './setup/tool.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const STINT = join(root, 'bin/stint.mjs');
const RECIPE = join(root, 'recipes/smollm2.yaml');
const PROFILE = join(root, '.cache/example/this-machine.yaml');

endWithStarter();
try {
  const { values } = parseArgs({ options: { fresh: { type: 'boolean', default: false } } });
  const machine = { cores: availableParallelism(), memoryBytes: machineMemory() };
  const profile = fitProfile(machine);
  const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  if (profile === null)
    throw new SetupFault(
      `the example needs a machine with ${gibibytes(SMALLEST_MEMORY)} of memory, and this one has ${gibibytes(machine.memoryBytes)}`,
      'run `npm run quickstart`, which trains a smaller model, or use a larger machine',
    );
  await makeModel(root, console.error);
  const unfinished = values.fresh ? [] : unfinishedRuns(await listRuns(STINT), 'smollm2');
  if (unfinished.length > 0) {
    console.error('example: going on with what was not finished; `npm run example -- --fresh` begins again');
    standIn(process.execPath, STINT, ['runs', 'resume', ...unfinished, '--wait']);
  } else {
    writeFileSync(PROFILE, profileText(root, profile));
    console.error(`example: ${profile.description} It takes about a quarter of an hour on two cores.`);
    standIn(process.execPath, STINT, ['launch', RECIPE, '--cluster', PROFILE, '--wait']);
  }
} catch (error) {
  if (!(error instanceof SetupFault)) throw error;
  console.error(`error: ${error.message}\n  to do: ${error.todo}`);
  process.exitCode = 2;
}
