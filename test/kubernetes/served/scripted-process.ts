import { readFileSync, writeSync } from 'node:fs';
import { attendAll } from '../../../orchestrator/controller/attend-all.ts';
import { type ScriptedPlace, scriptedWorkplace } from '../scripted-run.ts';

/** A process that attends scripted runs: `node scripted-process.ts FILE`, in which their place stands. It says `ready`. */
const place = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ScriptedPlace;
const { workplace, store } = await scriptedWorkplace(place);
const interrupt = new AbortController();
process.on('SIGTERM', () => interrupt.abort());
writeSync(1, 'ready\n');
await attendAll(workplace, {
  interrupt: interrupt.signal,
  force: new AbortController().signal,
  onProgress: () => undefined,
  onWarning: (warning) => console.error(warning),
});
await store.close();
process.exit(0);
