import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RIGHTS_PAGE, rightsPage } from '../../ops/rights-page.ts';

test('docs/rights.md says what the calls take; `npm run rights` writes it', () => {
  expect(readFileSync(RIGHTS_PAGE, 'utf8')).toBe(rightsPage());
});
