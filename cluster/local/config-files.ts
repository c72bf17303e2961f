import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { errorCode } from './error-code.ts';
import { configFolder } from './layout.ts';

const ConfigMapSchema = z.object({
  metadata: z.object({ name: z.string().regex(/^[a-z0-9][-a-z0-9.]*$/) }),
  data: z.record(z.string().regex(/^[-\w.]+$/), z.string()),
});

/** A ConfigMap's files, as a mounted volume would show them. One that exists is left as it is. */
export async function writeConfigFiles(root: string, manifest: Manifest): Promise<void> {
  const { metadata, data } = ConfigMapSchema.parse(manifest);
  const folder = configFolder(root, metadata.name);
  const draft = join(dirname(folder), `.${metadata.name}.${randomUUID()}`);
  try {
    await mkdir(draft, { recursive: true });
    for (const [name, text] of Object.entries(data)) await writeFile(join(draft, name), text);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}
