// Writes the rides that recipes/smollm2.yaml trains on and asks for: `node ops/example-data.ts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exampleData } from './example/bus-rides.ts';

const folder = fileURLToPath(new URL('../recipes/data/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(exampleData())) writeFileSync(`${folder}${name}`, text);
