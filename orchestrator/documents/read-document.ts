import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import type { FieldPath } from '../recipe/field-path.ts';
import { parseDocument } from '../recipe/parse-document.ts';
import { readYaml } from './yaml-document.ts';

/** A document, and where each of its fields stands. */
export interface Located<T> {
  readonly value: T;
  /** `file:line:column` of the field at a path, or of the nearest parent that is there. */
  readonly locate: (path: FieldPath) => string;
}

/** @throws StintError as `readLocated` does. */
export const readDocument = async <S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> =>
  (await readLocated(file, schema)).value;

/**
 * Reads a YAML file and checks it against a schema, with all defaults filled in.
 *
 * @throws StintError with one problem for each wrong field: file, line, column, field path, what was found and expected.
 */
export async function readLocated<S extends z.ZodType>(
  file: string,
  schema: S,
): Promise<Located<z.output<S>>> {
  const yaml = readYaml(await readText(file), file);
  const parsed = parseDocument(schema, yaml.value);
  if (parsed.ok) return { value: parsed.value, locate: (path) => yaml.locate(path) };
  const inOrder = parsed.issues.toSorted(
    (a, b) => yaml.offset(a.path, a.aboutKey) - yaml.offset(b.path, b.aboutKey),
  );
  throw new StintError(
    inOrder.map((issue) => ({
      code: issue.aboutKey ? 'unknown-field' : 'wrong-field',
      blame: 'input',
      where: yaml.locate(issue.path, issue.aboutKey),
      what: issue.what,
      why: `expected ${issue.expected}`,
      todo: issue.todo,
    })),
  );
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const what =
      code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${code ?? String(error)})`;
    throw new StintError(
      {
        code: 'file-not-readable',
        blame: 'input',
        where: file,
        what,
        todo: 'check the path and its permissions',
      },
      { cause: error },
    );
  }
}
