import { stringify } from 'yaml';
import type { Manifest } from '../render/manifest.ts';

/**
 * Manifests as one YAML stream for `kubectl apply -f -`. Text that a YAML 1.1 reader would take for a number, a truth
 * value or a time is quoted, because go-yaml and PyYAML are such readers. No line is folded and nothing is an alias.
 */
export const printManifests = (manifests: readonly Manifest[]): string =>
  manifests
    .map((manifest) => stringify(manifest, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
