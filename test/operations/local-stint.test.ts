import { localStint } from '../../orchestrator/operations/local-stint.ts';
import { stintContract } from './stint-contract.ts';

stintContract('in this process', async (workplace, caller) => localStint(workplace, caller));
