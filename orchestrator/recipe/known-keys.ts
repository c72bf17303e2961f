import { z } from 'zod';
import { type FieldPath, valueAt } from './field-path.ts';

/** Names of the fields that a schema allows at a path of a document, following unions by what the document says. */
export function knownKeys(schema: z.ZodType, document: unknown, path: FieldPath): string[] {
  let schemas = expand(schema, document);
  for (let depth = 0; depth < path.length; depth++) {
    const part = path[depth];
    const child = valueAt(document, path.slice(0, depth + 1));
    schemas = schemas
      .flatMap((candidate) => children(candidate, part))
      .flatMap((next) => expand(next, child));
  }
  const keys = schemas.flatMap((candidate) =>
    candidate instanceof z.ZodObject ? Object.keys(candidate.shape) : [],
  );
  return [...new Set(keys)];
}

function children(schema: z.ZodType, part: PropertyKey | undefined): z.ZodType[] {
  if (schema instanceof z.ZodObject) {
    const child: unknown = schema.shape[String(part)];
    return child instanceof z.ZodType ? [child] : [];
  }
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodType) return [schema.element];
  return [];
}

/** The schema without its wrappers; a union becomes the options that fit the document's discriminator. */
function expand(schema: z.ZodType, document: unknown): z.ZodType[] {
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const options = schema.options.filter((option): option is z.ZodObject => option instanceof z.ZodObject);
    const key = schema.def.discriminator;
    const chosen = options.filter((option) => {
      const literal: unknown = option.shape[key];
      return literal instanceof z.ZodLiteral && literal.value === valueAt(document, [key]);
    });
    return chosen.length > 0 ? chosen : options;
  }
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => (option instanceof z.ZodType ? expand(option, document) : []));
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    const inner: unknown = schema.unwrap();
    return inner instanceof z.ZodType ? expand(inner, document) : [];
  }
  return [schema];
}
