import { Document, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { StintError } from '../errors/stint-error.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import { type FieldPath, formatPath, withValueAt } from '../recipe/field-path.ts';

/**
 * The text with one field of a map set: where it stands already it is replaced, else it comes last. Every other byte
 * stays: comments, order, quotes and line breaks are their writer's.
 *
 * @param path - Its map is there.
 * @throws StintError `cannot-edit` where the map is not written out in this file.
 */
export function putInYaml(text: string, file: string, path: FieldPath, value: unknown): string {
  const document = parseDocument(text, { version: '1.2' });
  const [key, parents] = [String(path.at(-1)), path.slice(0, -1)];
  const parent: unknown = document.getIn(parents, true);
  if (!isMap(parent)) throw cannotEdit(file, path);
  const there = parent.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
  const change = parent.flow
    ? changeOfFlow(text, parent, there, `${key}: ${flowText(value)}`)
    : changeOfBlock(text, parent, there, (indent) => blockText(key, value, indent));
  const edited = text.slice(0, change.from) + change.text + text.slice(change.to);
  const read = parseDocument(edited, { version: '1.2' });
  const wanted = canonicalJson(withValueAt(document.toJS(), path, value));
  if (read.errors.length > 0 || canonicalJson(read.toJS()) !== wanted) throw cannotEdit(file, path);
  return edited;
}

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

type Entry = Pair | undefined;

function changeOfBlock(
  text: string,
  parent: YAMLMap,
  there: Entry,
  render: (indent: string) => string,
): Change {
  const start = placeOf(parent.items[0]).from;
  const indent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
  if (there) {
    const { from, to } = placeOf(there);
    return { from, to: trimmedEnd(text, to), text: render(indent).trimStart() };
  }
  // Behind the last field, and behind the comment that its last line may end with.
  const end = trimmedEnd(text, placeOf(parent.items.at(-1)).to);
  const lineEnd = text.indexOf('\n', end);
  const at = lineEnd < 0 ? text.length : lineEnd;
  return { from: at, to: at, text: `\n${render(indent)}` };
}

function changeOfFlow(text: string, parent: YAMLMap, there: Entry, field: string): Change {
  if (there) return { ...placeOf(there), text: field };
  const close = (parent.range?.[1] ?? 0) - 1;
  const end = trimmedEnd(text, close);
  const separator = parent.items.length === 0 || text[end - 1] === ',' ? ' ' : ', ';
  return { from: end, to: close, text: `${separator}${field} ` };
}

/** From the key's first character to behind the value's last. */
function placeOf(entry: Entry): { readonly from: number; readonly to: number } {
  const rangeOf = (node: unknown) => (node as { range?: readonly number[] } | null)?.range;
  const key = rangeOf(entry?.key);
  const value = rangeOf(entry?.value) ?? key;
  return { from: key?.[0] ?? 0, to: value?.[1] ?? 0 };
}

const trimmedEnd = (text: string, end: number): number => text.slice(0, end).trimEnd().length;

function blockText(key: string, value: unknown, indent: string): string {
  const document = new Document({ [key]: value });
  // A list of small maps is read best with each on its line.
  const flow = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) if (isMap(item)) item.flow = true;
    if (isMap(node)) for (const pair of node.items) flow(pair.value);
  };
  flow(document.contents);
  const lines = document.toString({ lineWidth: 0, doubleQuotedAsJSON: true }).trimEnd().split('\n');
  return lines.map((line) => `${indent}${line}`).join('\n');
}

function flowText(value: unknown): string {
  const document = new Document(value);
  if (isMap(document.contents) || isSeq(document.contents)) document.contents.flow = true;
  return document
    .toString({ lineWidth: 0, doubleQuotedAsJSON: true })
    .trimEnd()
    .replaceAll(/\s*\n\s*/g, ' ');
}

const cannotEdit = (file: string, path: FieldPath): StintError =>
  new StintError({
    code: 'cannot-edit',
    where: `${file} ${formatPath(path)}`,
    what: `${formatPath(path.slice(0, -1))} is not written out in ${file}, so nothing can be put into it`,
    why: 'an alias, an anchor or a file of its own holds it',
    todo: 'write it out there, or put in by hand what is printed with --json',
  });
