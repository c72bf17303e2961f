import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderJsonSchemas } from '../../orchestrator/documents/json-schemas.ts';

describe('generated JSON Schemas', () => {
  it.each(Object.entries(renderJsonSchemas()))(
    '%s is as the code says (fix: npm run schemas)',
    (path, text) => {
      expect(readFileSync(path, 'utf8')).toBe(text);
    },
  );
});
