import { type Rehearsal, type RehearsalRequest, RehearsalSchema } from '../wire/rehearsal.ts';
import { type Answerer, type AskOptions, askTrainer } from './ask-trainer.ts';

const REHEARSAL: Answerer = {
  module: 'trainer.rehearse',
  refusal: 'cannot-be-rehearsed',
  failure: 'rehearsal-failed',
  name: 'the rehearsal',
};

/**
 * Has the trainer run steps on tensors without content, as the first of all ranks.
 *
 * @throws StintError `cannot-be-rehearsed` where a step depends on what a device computes; `rehearsal-failed` where it broke.
 */
export const rehearseSteps = async (request: RehearsalRequest, options: AskOptions): Promise<Rehearsal> =>
  RehearsalSchema.parse(await askTrainer(REHEARSAL, request, options));
