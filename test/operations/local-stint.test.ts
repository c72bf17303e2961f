import { localStint } from '../../orchestrator/operations/local-stint.ts';
import { siteOfTests } from './site-of-tests.ts';
import { stintContract } from './stint-contract.ts';

stintContract('in this process', async (workplace, caller) => localStint(workplace, siteOfTests(), caller));
