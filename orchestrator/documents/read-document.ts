import type { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import { issueProblem } from '../recipe/issue-problem.ts';
import { parseDocument } from '../recipe/parse-document.ts';
import { readText } from './read-text.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

/** A document, and where each of its fields stands. */
export interface Located<T> extends Pick<YamlDocument, 'locate'> {
  readonly value: T;
  /** As it is in the file. */
  readonly written: unknown;
}

/**
 * Reads a YAML file and checks it against a schema, with all defaults filled in.
 *
 * @throws StintError with one problem for each wrong field: file, line, column, field path, what was found and expected.
 */
export async function readDocument<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  return (await readLocated(file, schema)).value;
}

/** What is written, with what may be left out because it stands elsewhere. */
type Complete = (file: string, written: unknown, locate: YamlDocument['locate']) => Promise<unknown>;

/** The same, with the way from a field to its line, for what a schema cannot judge. */
export async function readLocated<S extends z.ZodType>(
  file: string,
  schema: S,
  complete: Complete = (_, written) => Promise.resolve(written),
): Promise<Located<z.output<S>>> {
  const yaml = readYaml(await readText(file), file);
  const parsed = parseDocument(schema, await complete(file, yaml.value, yaml.locate));
  if (parsed.ok) return { value: parsed.value, written: yaml.value, locate: yaml.locate };
  const inOrder = parsed.issues.toSorted(
    (a, b) => yaml.offset(a.path, a.aboutKey) - yaml.offset(b.path, b.aboutKey),
  );
  throw new StintError(inOrder.map((issue) => issueProblem(issue, yaml.locate(issue.path, issue.aboutKey))));
}
