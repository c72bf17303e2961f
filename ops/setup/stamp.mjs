import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** What a lock file asks for on this machine: its bytes, and the platform that packages are built for. */
export function lockDigest(/** @type {string} */ file) {
  return createHash('sha256')
    .update(`${process.platform}-${process.arch}\n`)
    .update(readFileSync(file))
    .digest('hex');
}

/** The digests that were brought to their end here; none when nothing was. */
export function readStamp(/** @type {string} */ file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}

/**
 * @param {string} file
 * @param {readonly string[]} digests
 */
export function writeStamp(file, digests) {
  writeFileSync(`${file}.new`, `${digests.join('\n')}\n`);
  renameSync(`${file}.new`, file);
}
