import {
  type Inspection,
  type InspectionRequest,
  InspectionRequestSchema,
  InspectionSchema,
} from '../wire/inspection.ts';
import { type Answerer, type AskOptions, askTrainer } from './ask-trainer.ts';

const READER: Answerer = {
  module: 'trainer.inspect',
  refusal: 'data-not-readable',
  failure: 'inspection-failed',
  name: 'the reader of data',
};

/**
 * Has the trainer read a dataset as prepare will read it: rows, fields, lengths in the model's own tokens.
 *
 * @throws StintError `data-not-readable` where a file cannot be read at all; `inspection-failed` where the reader broke.
 */
export const inspectData = async (request: InspectionRequest, options: AskOptions): Promise<Inspection> =>
  // With every default written out: the reader holds none of its own.
  InspectionSchema.parse(await askTrainer(READER, InspectionRequestSchema.parse(request), options));
