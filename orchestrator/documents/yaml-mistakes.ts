import type { YAMLError } from 'yaml';

interface Mistake {
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

type Code = YAMLError['code'];

const at = (what: string, why: string, todo = 'fix it at that place'): Mistake => ({ what, why, todo });

const INDENT = at(
  'this line does not line up with those around it',
  'expected fields of one map to begin in one column, and what belongs to a field further right',
  'indent it with spaces as its neighbours are',
);
const UNFINISHED = at(
  'something that was opened is not closed, or a sign is missing',
  'expected every { [ " and \' to have its counterpart, and a comma between parts in brackets',
  'close it; the mistake may stand on a line before this one',
);
const NO_VALUE = at(
  'no value can begin with this sign',
  'expected text that begins with @ ` % * & ! | > or { to stand in quotes',
  'put quotes around the value',
);
const NO_SHORT_KEY = at(
  'what stands before this colon is no field name',
  'expected a name on one line, then a colon and a space',
  'put text that has colons or several lines in quotes, or indent it below its field',
);
const DECORATION = at(
  'an anchor or a tag stands where none can',
  'expected at most one anchor (&name) and one tag in front of a value, and none in front of an alias (*name)',
  'remove what is too much',
);

/** What the parser finds, in words that say what is there, what should be, and what to do. */
const MISTAKES: Readonly<Record<Code, Mistake>> = {
  ALIAS_PROPS: DECORATION,
  MULTIPLE_ANCHORS: DECORATION,
  MULTIPLE_TAGS: DECORATION,
  BAD_PROP_ORDER: DECORATION,
  BAD_ALIAS: at(
    'this alias has no name, or one that ends in a colon',
    'expected *name, and &name at the value that it stands for',
  ),
  BAD_DIRECTIVE: at(
    'this line begins with % and is no directive of YAML 1.2',
    'expected no directive, or %YAML 1.2',
    'remove the line',
  ),
  BAD_DQ_ESCAPE: at(
    'this backslash begins no escape that YAML knows',
    'expected \\n, \\t, \\", \\\\, \\x41, \\u0041 or the like between double quotes',
    'double the backslash, or use single quotes, in which it is a plain sign',
  ),
  BAD_INDENT: INDENT,
  TAB_AS_INDENT: at(
    'there is a tab in front of this',
    'expected spaces: YAML does not indent by tabs',
    'replace the tab by spaces',
  ),
  BAD_SCALAR_START: NO_VALUE,
  BLOCK_AS_IMPLICIT_KEY: NO_SHORT_KEY,
  MULTILINE_IMPLICIT_KEY: NO_SHORT_KEY,
  KEY_OVER_1024_CHARS: NO_SHORT_KEY,
  NON_STRING_KEY: NO_SHORT_KEY,
  BLOCK_IN_FLOW: at(
    'a list or map by lines stands between brackets',
    'expected [a, b] and {a: b} to hold their parts in brackets, too',
    'write it in brackets, or all of it by lines',
  ),
  // Looked for by ourselves.
  DUPLICATE_KEY: at('this field stands twice in one map', 'expected each field once'),
  MISSING_CHAR: UNFINISHED,
  UNEXPECTED_TOKEN: at(
    'this does not belong here',
    'expected the end of the value, or a line of its own for what comes after it',
    'remove it, or put quotes around the whole value',
  ),
  MULTIPLE_DOCS: at(
    'a second document begins here',
    'expected one document a file',
    'put it into a file of its own, or remove the line ---',
  ),
  TAG_RESOLVE_FAILED: at(
    'this tag is not known, or does not fit its value',
    'expected plain YAML: tags such as !include mean nothing here',
    'remove the tag, and write out what it stands for',
  ),
  BAD_COLLECTION_TYPE: at(
    'this tag does not fit its value',
    'expected a map or a list as the tag says',
    'remove the tag',
  ),
  RESOURCE_EXHAUSTION: at('this nests too deeply', 'expected at most 64 levels', 'write it flatter'),
  IMPOSSIBLE: at('this cannot be read', 'expected YAML 1.2'),
};

/** Of two mistakes like these, one does not follow from the other. */
const ALONE: readonly Code[] = ['TAG_RESOLVE_FAILED', 'BAD_DQ_ESCAPE'];

/** Those that a person has to fix: after one that breaks the structure, the parser finds many that follow from it. */
export function mistakesOf(errors: readonly YAMLError[]): readonly (Mistake & { readonly offset: number })[] {
  const inOrder = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const broken = inOrder.findIndex(({ code }) => !ALONE.includes(code));
  const shown = broken < 0 ? inOrder : inOrder.slice(0, broken + 1);
  return shown.map(({ code, pos }) => ({ ...MISTAKES[code], offset: pos[0] }));
}
