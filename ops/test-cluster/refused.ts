import { stripVTControlCharacters } from 'node:util';

/** What the API server says of one object may be the text of a whole schema. */
const MOST = 300;

/** The sentence of a kubectl that could not apply something: the first refusal, and how many there are beside it. */
export function refusalOf(stderr: string): string {
  const lines = stripVTControlCharacters(stderr)
    .split('\n')
    .map((line) => line.replace(/^error: /i, '').trim())
    .filter((line) => line !== '' && !/^warning:/i.test(line));
  const begins = lines.flatMap((line, index) => (isBegin(line) ? [index] : []));
  const from = begins[0] ?? 0;
  const first = lines.slice(from, begins[1] ?? lines.length).join(' ');
  const said = first.length > MOST ? `${first.slice(0, MOST)}…` : first;
  const others = begins.length > 1 ? ` (and ${begins.length - 1} more)` : '';
  return `${said === '' ? 'kubectl has failed without a word' : said}${others}`;
}

/** `The JobSet "a" is invalid: …` and `Error from server (Forbidden): …`; what is wrong may follow on lines of its own. */
const isBegin = (line: string): boolean => /^(The \S+ "|Error from server|Apply failed)/.test(line);
