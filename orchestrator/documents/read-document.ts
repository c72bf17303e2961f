import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { StintError } from '../errors/stint-error.ts';
import { parseDocument } from '../recipe/parse-document.ts';
import { readYaml } from './yaml-document.ts';

/**
 * Reads a YAML file and checks it against a schema, with all defaults filled in.
 *
 * @throws StintError with one problem for each wrong field: file, line, column, field path, what was found and expected.
 */
export async function readDocument<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const yaml = readYaml(await readText(file), file);
  const parsed = parseDocument(schema, yaml.value);
  if (parsed.ok) return parsed.value;
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
