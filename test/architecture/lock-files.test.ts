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
const npmLock = JSON.parse(text('package-lock.json')) as NpmLock;
const npmManifest = JSON.parse(text('package.json')) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

const pythonLocks = globSync('{trainer,ops}/**/*.lock');

/** `name==version` of every package that a Python lock pins. */
const pins = (path: string) => text(path).match(/^[A-Za-z0-9._-]+==[^\s;\\]+/gm) ?? [];

describe('the lock files', () => {
  it('name no host that packages come from: that is for each machine to say', () => {
    const locks = ['package-lock.json', ...pythonLocks];
    expect(
      locks.filter((path) =>
        /"resolved"|--(extra-)?index-url|--find-links|https?:\/\/[^"\s]*\.(tgz|whl)/.test(text(path)),
      ),
    ).toEqual([]);
  });

  it('pin every npm package by its content', () => {
    const entries = Object.entries(npmLock.packages).filter(([path]) => path !== '');
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(([, { integrity }]) => integrity === undefined).map(([path]) => path)).toEqual([]);
  });

  it('hold one npm package with an install script, whose work set-up does itself', () => {
    const scripted = Object.entries(npmLock.packages).filter(([, { hasInstallScript }]) => hasInstallScript);
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

  it('follow a manifest that asks for exact versions', () => {
    const asked = Object.entries({ ...npmManifest['dependencies'], ...npmManifest['devDependencies'] });
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});
