/** A row of docs/words.md. */
export interface Word {
  readonly word: string;
  /** What is not said for it. */
  readonly not: readonly string[];
}

/** The rows of the page's table. */
export const wordsOf = (page: string): readonly Word[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter(([, word]) => word !== 'word' && word !== '---')
    .map(([, word = '', , not = '']) => ({ word, not: not === '' ? [] : not.split(', ') }));

export interface Forbidden {
  readonly word: string;
  readonly found: string;
}

/** Other words for those of the page that stand in a text, whole and in whatever case. */
export const forbiddenIn = (words: readonly Word[], text: string): readonly Forbidden[] =>
  words.flatMap(({ word, not }) =>
    not.flatMap((other) => {
      const found = new RegExp(`(?<![-\\w])${other.replaceAll(' ', '\\s+')}s?(?![-\\w])`, 'i').exec(text);
      return found === null ? [] : [{ word, found: found[0] }];
    }),
  );
