import type { z } from 'zod';
import type { EvaluationSettings } from './evaluation.ts';
import { type Thinking, undelimited } from './thinking.ts';

/** For a schema that has both the delimiters of thinking and the controls: what does not go together. */
export const controlIssues = (
  thinking: Thinking | undefined,
  evaluation: Pick<EvaluationSettings, 'controls'> | undefined,
): z.core.$ZodRawIssue[] =>
  undelimited(thinking, evaluation?.controls ?? []).map(({ place, field, expected }) => ({
    code: 'custom',
    path: ['evaluation', 'controls', place, field],
    message: expected,
    input: evaluation,
  }));
