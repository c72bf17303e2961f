import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { drawDiagram, placeDiagram } from './diagram.ts';
import { parseSource, readSources } from './source-file.ts';

it('stands in ARCHITECTURE.md as the code is now; `npm run diagram` brings it up to date', () => {
  const page = readFileSync('ARCHITECTURE.md', 'utf8');
  expect(placeDiagram(page, drawDiagram(readSources('.', ['orchestrator', 'cluster'])))).toBe(page);
});

it('draws an arrow for each import between rooms, but none that a longer way implies', () => {
  const diagram = drawDiagram([
    parseSource('orchestrator/plan/a.ts', `import '../recipe/b.ts'; import '../units/c.ts'; import 'zod';`),
    parseSource('orchestrator/recipe/b.ts', `import '../units/c.ts'; import './d.ts';`),
    parseSource('orchestrator/units/c.ts', ''),
  ]);
  expect(diagram.match(/.* --> .*/g)).toEqual([
    '  orchestrator_plan --> orchestrator_recipe',
    '  orchestrator_recipe --> orchestrator_units',
  ]);
});

it('replaces what stood between the marks and touches nothing else', () => {
  const page = 'before\n<!-- diagram: made -->\nold\n<!-- /diagram -->\nafter\n';
  const expected = 'before\n<!-- diagram: made -->\nnew\n<!-- /diagram -->\nafter\n';
  expect(placeDiagram(page, 'new')).toBe(expected);
  expect(placeDiagram(expected, 'new')).toBe(expected);
  expect(() => placeDiagram('no marks', 'new')).toThrow('lacks the marks');
});
