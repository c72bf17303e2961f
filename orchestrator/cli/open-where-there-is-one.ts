import type { Workplace } from '../controller/workplace.ts';
import { isStintError } from '../errors/stint-error.ts';
import type { CliContext } from './context.ts';

/** For what can be asked where nothing was launched yet: undefined there. */
export async function openWhereThereIsOne(context: CliContext): Promise<Workplace | undefined> {
  try {
    return await context.openWorkplace('found');
  } catch (error) {
    if (isStintError(error) && error.code === 'no-home') return undefined;
    throw error;
  }
}
