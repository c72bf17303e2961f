import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** One thing that a source file says, and where. */
export interface Mention {
  readonly name: string;
  readonly line: number;
}

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  /** What it imports, for values or types: paths from the root for own files, else the package as written. */
  readonly imports: readonly Mention[];
  /** Identifiers that stand for a value, `Math.random` and the like, `new Date()`, `async` and `await`. */
  readonly names: readonly Mention[];
}

type Node = Readonly<{ type: string; start: number }>;

/** Reads what a file imports and names from its syntax tree; never from its text, so comments and strings are safe. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, errors } = parseSync(path, text);
  if (errors[0]) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  const imports: Mention[] = [];
  const names: Mention[] = [];
  const notValues = new Set<Node>();
  const lineAt = (offset: number) => text.slice(0, offset).split('\n').length;

  const addImport = (source: Node | null) => {
    if (source === null) return;
    const written = 'value' in source && typeof source.value === 'string' ? source.value : undefined;
    imports.push({ name: resolve(path, written ?? '(computed)'), line: lineAt(source.start) });
  };
  const addName = (name: string, node: Node) => names.push({ name, line: lineAt(node.start) });
  const skipKey = (node: { key: Node; computed: boolean }) => {
    if (!node.computed) notValues.add(node.key);
  };
  const addAsync = (node: Node & { async: boolean }) => {
    if (node.async) addName('async', node);
  };

  new Visitor({
    ImportDeclaration: (node) => addImport(node.source),
    ExportNamedDeclaration: (node) => addImport(node.source),
    ExportAllDeclaration: (node) => addImport(node.source),
    ImportExpression: (node) => addImport(node.source),
    TSImportType: (node) => addImport(node.source),
    MemberExpression: (node) => {
      if (node.computed) return;
      notValues.add(node.property);
      if (node.object.type === 'Identifier') addName(`${node.object.name}.${node.property.name}`, node);
    },
    Property: (node) => {
      if (!node.shorthand) skipKey(node);
    },
    PropertyDefinition: skipKey,
    MethodDefinition: skipKey,
    TSPropertySignature: skipKey,
    TSMethodSignature: skipKey,
    NewExpression: (node) => {
      const isNow =
        node.callee.type === 'Identifier' && node.callee.name === 'Date' && node.arguments.length === 0;
      if (isNow) addName('new Date()', node);
    },
    CallExpression: (node) => {
      if (node.callee.type === 'Identifier' && node.callee.name === 'Date') addName('Date()', node);
    },
    FunctionDeclaration: addAsync,
    FunctionExpression: addAsync,
    ArrowFunctionExpression: addAsync,
    AwaitExpression: (node) => addName('await', node),
    Identifier: (node) => {
      if (!notValues.has(node)) addName(node.name, node);
    },
  }).visit(program);
  return { path, imports, names };
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
}

/** Every TypeScript file below the given folders of `root`. */
export function readSources(root: string, folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .toSorted()
      .map((name) => parseSource(posix.join(folder, name), readFileSync(join(root, folder, name), 'utf8'))),
  );
}
