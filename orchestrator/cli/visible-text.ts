/** Colours and the like, which programs print to pods' logs. */
const COLOUR = new RegExp(`${String.fromCharCode(0x1b)}\\[[\\d;:]*m`, 'g');
/**
 * What a terminal obeys or does not show: controls, and format characters such as those that turn the direction of text
 * around or take no room. Lines and tabs stay.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Text from outside as it may be printed: colours are left out, and what would not be seen is shown as the escape by which
 * JSON writes it, so that a JSON document stays the same document.
 */
export function visibleText(text: string): string {
  return text
    .replace(COLOUR, '')
    .replace(UNSEEN, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));
}

const escaped = (sign: string): string =>
  Array.from({ length: sign.length }, (_, index) => unitOf(sign.charCodeAt(index))).join('');

const unitOf = (unit: number): string => `\\u${unit.toString(16).padStart(4, '0')}`;
