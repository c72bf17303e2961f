// Redraws the import diagram in ARCHITECTURE.md from the code: `npm run diagram`.
import { readFileSync, writeFileSync } from 'node:fs';
import { drawDiagram, placeDiagram } from '../test/architecture/diagram.ts';
import { readSources } from '../test/architecture/source-file.ts';

const page = readFileSync('ARCHITECTURE.md', 'utf8');
writeFileSync(
  'ARCHITECTURE.md',
  placeDiagram(page, drawDiagram(readSources('.', ['orchestrator', 'cluster']))),
);
