import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeSvg } from '../../orchestrator/cli/compare-and-report.ts';
import { compareArms } from '../../orchestrator/comparison/compare-arms.ts';
import { armInput } from '../comparison/fixture.ts';

const comparison = compareArms([armInput('short'), armInput('long')]);

test('writes the chart that is named, the main one where none is, and says which there are', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'stint-svg-')), 'chart.svg');
  await writeSvg(file, comparison);
  expect(await readFile(file, 'utf8')).toContain('Accuracy over thinking');
  await writeSvg(file, comparison, 'flips');
  expect(await readFile(file, 'utf8')).toContain('0 → 1');
  await expect(writeSvg(file, comparison, 'pie')).rejects.toMatchObject({
    problems: [
      {
        code: 'wrong-option',
        why: 'expected one of accuracy, adherence, flips, methods, parallel, loss, phases',
      },
    ],
  });
  const unanswered = compareArms([armInput('short', { evaluation: null })]);
  await expect(writeSvg(file, unanswered, 'flips')).rejects.toMatchObject({
    problems: [{ code: 'nothing-to-draw', todo: 'name one that there is: loss, phases' }],
  });
});
