import { type Inspection, InspectionSchema } from '../../orchestrator/wire/inspection.ts';
import { DIGEST } from './fixtures.ts';

export const TOKENIZER = `sha256:${'b'.repeat(64)}`;

/** Of three samples, as the trainer's reader answers. */
export const inspection = (changes: Partial<Inspection> = {}): Inspection =>
  InspectionSchema.parse({
    rows: 3,
    columns: ['q', 't', 'a'],
    fields: { question: 'q', trace: 't', answer: 'a' },
    guessed: false,
    hints: [],
    lengths: [100, 400, 250],
    traceLengths: [60, 300, 150],
    labels: [80, 350, 200],
    questionAnswerTokens: 80,
    overLength: 0,
    unlabelled: 0,
    duplicates: 0,
    controlTokens: 0,
    controlTokenRows: [],
    broken: [],
    brokenRows: 0,
    tokenizer: { sha256: TOKENIZER, vocabularySize: 151_665 },
    architecture: null,
    benchmarks: [],
    inputs: { model: null, dataset: { name: 'a.jsonl', sha256: DIGEST }, benchmarks: [] },
    ...changes,
  });
