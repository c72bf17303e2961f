import { describe, expect, it } from 'vitest';
import { columnNames } from '../../orchestrator/cli/render/column-names.ts';

describe('the names of columns', () => {
  it('stand on one line that can be read, however many and however long they are', () => {
    expect(columnNames([])).toBe('none');
    expect(columnNames(['question', 'a\u001b[31m\nb'])).toBe('question, a [31m b');
    expect(columnNames(['x'.repeat(5_000)])).toBe(`${'x'.repeat(59)}…`);
    const many = columnNames(Array.from({ length: 5_000 }, (_, index) => `c${index}`));
    expect(many).toMatch(/^c0, c1, .* c39 and 4,960 more$/);
  });
});
