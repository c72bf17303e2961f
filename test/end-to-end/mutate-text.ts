/** Whole numbers below a bound. */
export type Below = (bound: number) => number;

/** What people and programs put where something else belongs. */
const ODD = [
  '*x',
  '&x',
  '&x [*x]',
  '<<: *x',
  '!include f',
  '!!binary aGk=',
  '!!set {a}',
  '---',
  '...',
  '%YAML 1.1',
  '\t',
  '\0',
  '\u0007',
  '\u001B[2J',
  '\u2028',
  '\u202E',
  '\uFEFF',
  '\uFFFD',
  '\uD800',
  '{{ x }}',
  '${X}',
  '@x',
  '`x`',
  '[',
  ']',
  '{',
  '}',
  '[[[[[[[[',
  ',',
  ':',
  ': ',
  '- ',
  '? ',
  '|',
  '>',
  '"',
  "'",
  '\\q',
  '#',
  '-1',
  '0',
  '1e400',
  '-.inf',
  '.nan',
  '0x10',
  '0o17',
  '1_000',
  '9007199254740993',
  '3.5',
  'null',
  '~',
  'true',
  'no',
  '12:30',
  '2026-11-01',
  '2026-13-45',
  '0099-01-01',
  'constructor',
  '__proto__',
  'toString',
  '\r\n',
  '\r',
  '\n\n',
  '\n  ',
  ' ',
  'ä',
  '🦙',
  'x'.repeat(5_000),
  'a: '.repeat(200),
  '1'.repeat(400),
  '80 parsecs',
  '-30 minutes',
  '../../etc/passwd',
  '€€€',
] as const;

type Mutation = (text: string, below: Below) => string;

const pick = <T>(from: readonly T[], below: Below): T | undefined => from[below(from.length)];
const odd = (below: Below): string => pick(ODD, below) ?? '';
const linesOf = (text: string): string[] => text.split('\n');

const onLines =
  (change: (lines: string[], at: number, below: Below) => void): Mutation =>
  (text, below) => {
    const lines = linesOf(text);
    change(lines, below(lines.length), below);
    return lines.join('\n');
  };

/** What stands between a colon or a dash and the end of its part of the line. */
const VALUE = /(?<=[:-] )[^\s,\]}][^,\n\]}]*/g;
const NAME = /[A-Za-z]\w*(?=:)/g;

const replaceOne =
  (pattern: RegExp, by: (found: string, below: Below, text: string) => string): Mutation =>
  (text, below) => {
    const found = pick([...text.matchAll(pattern)], below);
    if (found === undefined) return text + odd(below);
    const end = found.index + found[0].length;
    return text.slice(0, found.index) + by(found[0], below, text) + text.slice(end);
  };

const MUTATIONS: readonly Mutation[] = [
  replaceOne(VALUE, (_, below) => odd(below)),
  replaceOne(VALUE, (_, below) => odd(below)),
  replaceOne(VALUE, (found, below, text) => pick([...text.matchAll(VALUE)], below)?.[0] ?? found),
  replaceOne(VALUE, (found) => `&x ${found}`),
  replaceOne(NAME, (found, below) => found.slice(0, below(found.length)) + found.slice(below(found.length))),
  replaceOne(NAME, (found, below, text) => pick([...text.matchAll(NAME)], below)?.[0] ?? found),
  replaceOne(NAME, (_, below) => odd(below)),
  onLines((lines, at) => lines.splice(at, 1)),
  onLines((lines, at) => lines.splice(at, 0, lines[at] ?? '')),
  onLines((lines, at, below) => lines.splice(at, 0, odd(below))),
  onLines((lines, at, below) => lines.splice(at, 1, ' '.repeat(below(9)) + (lines[at] ?? '').trimStart())),
  onLines((lines, at, below) => lines.splice(at, 1, ...lines.splice(below(lines.length), 1))),
  (text, below) => text.slice(0, below(text.length)),
  (text, below) => {
    const at = below(text.length);
    return text.slice(0, at) + odd(below) + text.slice(at);
  },
  (text, below) => {
    const at = below(text.length);
    return text.slice(0, at) + text.slice(at + 1 + below(12));
  },
  (text, below) => {
    const at = below(text.length);
    return text.slice(0, at) + String.fromCodePoint(below(0x500)) + text.slice(at + 1);
  },
];

/** A text with up to three things wrong. */
export function mutated(text: string, below: Below): string {
  let changed = text;
  for (let left = 1 + below(3); left > 0; left--)
    changed = pick(MUTATIONS, below)?.(changed, below) ?? changed;
  return changed;
}
