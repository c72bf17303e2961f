import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { requirePython } from '../../orchestrator/documents/require-python.ts';

it('says what to run when the Python environment is not there, and nothing when it is', async () => {
  const bare = await mkdtemp(join(tmpdir(), 'stint-bare-'));
  await expect(requirePython(bare)).rejects.toMatchObject({
    problems: [
      expect.objectContaining({
        code: 'no-python-environment',
        todo: expect.stringContaining('npm run setup'),
      }),
    ],
  });
  await expect(requirePython(process.cwd())).resolves.toBeUndefined();
});
