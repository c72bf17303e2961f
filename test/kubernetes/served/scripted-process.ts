import { readFileSync } from 'node:fs';
import { type ScriptedPlace, scriptedWorkplace } from '../scripted-run.ts';
import { attendUntilTold } from './attend-until-told.ts';

/** A process that attends scripted runs: `node scripted-process.ts FILE`, in which their place stands. It says `ready`. */
const place = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ScriptedPlace;
await attendUntilTold((await scriptedWorkplace(place)).workplace);
