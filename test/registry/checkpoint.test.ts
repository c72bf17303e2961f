import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOf, sha256 } from '../../orchestrator/documents/digest.ts';
import { checkpointDigest, makeCheckpoint } from '../../orchestrator/registry/checkpoint.ts';
import { modelReference } from '../../orchestrator/registry/lineage.ts';
import { fineTune } from '../recipe/fixtures.ts';

const entry = fc.record({ path: fc.string(), bytes: fc.nat(), sha256: fc.string().map(sha256) });
const files = fc.uniqueArray(entry, { selector: ({ path }) => path, minLength: 1, maxLength: 6 });
const lineage = (run: string) => ({ recipe: 'r', dataset: 'd', model: 'm', code: 'c', run });

test('a digest names the files whatever their order, and changes with any byte of them', () => {
  const shuffled = files.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, fc.nat(), ([list, reordered], place) => {
      const digest = checkpointDigest(list, sha256);
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(checkpointDigest(reordered, sha256)).toBe(digest);
      const flipped = list.map((file, index) =>
        index === place % list.length ? { ...file, sha256: sha256(file.sha256) } : file,
      );
      expect(checkpointDigest(flipped, sha256)).not.toBe(digest);
    }),
  );
});

test('the same files are the same checkpoint of one run at any time, and another of another run', () => {
  fc.assert(
    fc.property(files, (list) => {
      const first = makeCheckpoint(list, lineage('r-1'), 1, sha256);
      expect(makeCheckpoint(list.toReversed(), lineage('r-1'), 2, sha256)).toEqual({
        ...first,
        createdAt: 2,
      });
      const other = makeCheckpoint(list, lineage('r-2'), 1, sha256);
      expect(other.digest).toBe(first.digest);
      expect(other.id).not.toBe(first.id);
      expect(first.id).toMatch(/^c-[0-9a-f]{12}$/);
    }),
  );
});

test('a model is named by its commit, or by all that decides its first weights', () => {
  const { model } = fineTune();
  expect(
    modelReference(
      { kind: 'pretrained', repository: 'a/b', revision: 'c0ffee', architecture: model.architecture },
      digestOf,
    ),
  ).toBe('a/b@c0ffee');
  const scratch = modelReference(model, digestOf);
  expect(scratch).toMatch(/^scratch@sha256:/);
  expect(modelReference({ ...model, kind: 'scratch', initializerRange: 0.03 }, digestOf)).not.toBe(scratch);
});
