import type { z } from 'zod';
import { explainIssues, type FieldIssue } from './explain-issue.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: FieldIssue[] };

/** Checks a document against a schema, fills the defaults, and explains each thing that is wrong. */
export function parseDocument<S extends z.ZodType>(schema: S, document: unknown): Parsed<z.output<S>> {
  const result = schema.safeParse(document);
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, issues: explainIssues(schema, document, result.error.issues) };
}
