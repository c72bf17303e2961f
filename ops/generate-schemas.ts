// Writes what is made from the code's own tables: the JSON Schemas that editors and the trainer's tests use, and the page of
// errors. `npm run schemas`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderJsonSchemas } from '../orchestrator/documents/json-schemas.ts';
import { errorPage } from './error-page.ts';

for (const [path, text] of Object.entries({ ...renderJsonSchemas(), 'docs/errors.md': errorPage() })) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
