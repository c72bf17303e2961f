import { Document, isScalar, type Scalar, visit } from 'yaml';
import type { Manifest } from '../render/manifest.ts';

/**
 * Manifests as one YAML stream for `kubectl apply -f -`, which every reader of YAML takes as it is meant, go-yaml and PyYAML
 * included: only text that cannot be anything else is plain, lines of printable ASCII stand as they are, and all other text
 * is quoted, as in JSON: yaml 2.9.1 folds other quotes, and escapes a blank between two line ends twice. Nothing is an alias.
 */
export const printManifests = (manifests: readonly Manifest[]): string => manifests.map(print).join('---\n');

function print(manifest: Manifest): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(key, node) {
      if (typeof node.value === 'string') node.type = styleOf(node.value, key === 'key');
    },
    // A text that stands as a key without a node of its own.
    Pair(_, pair) {
      if (!isScalar(pair.key)) pair.key = document.createNode(pair.key);
    },
  });
  return document
    .toString({ lineWidth: 0, doubleQuotedAsJSON: true })
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

/**
 * Begins with a letter, or with what makes it a path or an option, so it is no number, date, time or indicator; and is none of
 * the words that YAML 1.1 gives a meaning.
 */
const PLAIN =
  /^(?!(?:y|n|yes|no|on|off|true|false|null)$)(?:\/|-{1,2}(?=[A-Za-z]))?[A-Za-z](?:[\w./@=$(),+-]|:(?=[\w/]))*$/i;
const LINES = /^[!-~][ -~]*\n(?:[ -~]*\n)*$/;

function styleOf(text: string, isKey: boolean): Scalar.Type {
  if (PLAIN.test(text)) return 'PLAIN';
  return !isKey && LINES.test(text) ? 'BLOCK_LITERAL' : 'QUOTE_DOUBLE';
}

/** Within quotes: nothing else holds such a character. The ends of printed lines are the document's own. */
function escaped(character: string): string {
  if (character === '\n') return character;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xff_ff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
