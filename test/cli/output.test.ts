import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outputTo, printJson } from '../../orchestrator/cli/output.ts';

function door() {
  const written: string[] = [];
  const stream = { isTTY: false, columns: 80, write: (text: string) => written.push(text) > 0 };
  return { output: outputTo(stream, stream), written };
}

/** Text with what a terminal obeys, and what it hides. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u001B',
      '\u001B[2J',
      '\u009B',
      '\u007F',
      '\r',
      '\b',
      '\0',
      '\u202E',
      '\u2066',
      '\u2028',
      '\u200B',
      '\uFEFF',
    ),
    fc.constantFrom('\u{E0041}', 'a', '\n', '\t', 'ß', '🦙'),
  ),
});

it('lets nothing through that moves the cursor, turns text around or is not seen', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { output, written } = door();
      output.print(text);
      output.tell(text);
      output.redraw(text);
      expect(written.join('').replace('\r\u001B[2K', '')).not.toMatch(/[^\P{C}\n\t]|[\u2028\u2029]/u);
    }),
  );
});

it('leaves a JSON document what it was', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const { output, written } = door();
      printJson(output, { text, [text]: [text] });
      expect(JSON.parse(written.join(''))).toEqual({ text, [text]: [text] });
    }),
  );
});

it('leaves colours out and shows the rest as what it is', () => {
  const { output, written } = door();
  output.print('\u001B[1;32mok\u001B[0m\u001B]0;title\u0007 \u202Etxt.exe');
  expect(written).toEqual(['ok\\u001b]0;title\\u0007 \\u202etxt.exe\n']);
});

it('is the only one: no other file writes to the terminal', () => {
  const root = fileURLToPath(new URL('../../orchestrator/', import.meta.url));
  const writers = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) =>
      /\bconsole\.|process\.std(out|err)\b(?!\.on\()/.test(readFileSync(join(root, file), 'utf8')),
    );
  expect(writers).toEqual(['cli/output.ts']);
});
