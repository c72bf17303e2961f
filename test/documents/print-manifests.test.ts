import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { printManifests } from '../../orchestrator/documents/print-manifests.ts';

/** Where writers of YAML fold and escape: line ends with blanks around them, quotes and escapes. */
const edgy = fc
  .array(
    fc.constantFrom('\n', ' ', '\t', '\\', '"', "'", ':', '#', '-', '%', 'a', 'é', '\r', 'x'.repeat(80)),
    {
      maxLength: 12,
    },
  )
  .map((parts) => parts.join(''));

it('is read as the very text that was meant, wherever blanks and line ends meet', () => {
  fc.assert(
    fc.property(edgy, edgy, (key, value) => {
      const manifest = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'texts' },
        data: { [key]: value },
      };
      expect(parse(printManifests([manifest]))).toEqual(manifest);
    }),
    { numRuns: 1_000, examples: [['a', '\n \nb']] },
  );
});
