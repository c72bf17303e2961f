import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const text = (path: string) => readFileSync(path, 'utf8');

interface NpmPackage {
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
}
interface NpmLock {
  readonly packages: Readonly<Record<string, NpmPackage>>;
}
type NpmManifest = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The clone's own packages, and those of environments beside them. */
const NPM_FOLDERS = ['.', 'ops/mutants'];
const npmLocks = NPM_FOLDERS.map((folder) => `${folder}/package-lock.json`);
const npmEntries = npmLocks.map((path) =>
  Object.entries((JSON.parse(text(path)) as NpmLock).packages).filter(([name]) => name !== ''),
);

const pythonLocks = globSync('{trainer,ops}/**/*.lock');

/** `name==version` of every package that a Python lock pins. */
const pins = (path: string) => text(path).match(/^[A-Za-z0-9._-]+==[^\s;\\]+/gm) ?? [];

describe('the lock files', () => {
  it('name no host that packages come from: that is for each machine to say', () => {
    const locks = [...npmLocks, ...pythonLocks];
    expect(
      locks.filter((path) =>
        /"resolved"|--(extra-)?index-url|--find-links|https?:\/\/[^"\s]*\.(tgz|whl)/.test(text(path)),
      ),
    ).toEqual([]);
  });

  it('pin every npm package by its content', () => {
    for (const entries of npmEntries) {
      expect(entries.length).toBeGreaterThan(100);
      expect(entries.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual(
        [],
      );
    }
  });

  it('hold one npm package with an install script, whose work set-up does itself', () => {
    const scripted = npmEntries.flat().filter(([, { hasInstallScript }]) => hasInstallScript);
    expect(scripted.map(([path]) => path)).toEqual(['node_modules/node']);
  });

  it('pin every Python package by its content', () => {
    expect(pythonLocks.length).toBeGreaterThan(2);
    for (const path of pythonLocks) {
      const blocks = text(path)
        .split(/^(?=[A-Za-z0-9._-]+==)/m)
        .slice(1);
      expect(blocks.length).toBeGreaterThan(0);
      expect(blocks.filter((block) => !block.includes('--hash=sha256:'))).toEqual([]);
    }
  });

  it('give the tests the very versions that run in earnest', () => {
    const dev = new Set(pins('trainer/requirements-dev.lock'));
    expect(pins('trainer/requirements.lock').filter((pin) => !dev.has(pin))).toEqual([]);
  });

  it('follow manifests that ask for exact versions', () => {
    const asked = NPM_FOLDERS.flatMap((folder) => {
      const manifest = JSON.parse(text(`${folder}/package.json`)) as NpmManifest;
      return Object.entries({ ...manifest['dependencies'], ...manifest['devDependencies'] });
    });
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
