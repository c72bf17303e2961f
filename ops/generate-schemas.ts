// Writes the JSON Schemas that editors and the trainer's tests use: `npm run schemas`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { renderJsonSchemas } from '../orchestrator/documents/json-schemas.ts';

for (const [path, text] of Object.entries(renderJsonSchemas())) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
