import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { storeContract } from './contract.ts';

let folder: string | undefined;

storeContract(
  'SQLite',
  async () => {
    folder ??= mkdtempSync(join(tmpdir(), 'stint-store-'));
    return openStore(join(folder, 'stint.db'));
  },
  async () => {
    rmSync(folder ?? '', { recursive: true });
    folder = undefined;
  },
);
