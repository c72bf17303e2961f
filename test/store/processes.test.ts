import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { temporaryFolder } from './fixtures.ts';
import { processLaws } from './process-laws.ts';

processLaws('SQLite', () => {
  const address = join(temporaryFolder(), 'new', 'stint.db');
  const read = (text: string) => new DatabaseSync(address).prepare(text).all();
  return {
    address,
    open: () => openStore(address),
    versions: async () => read('select version from schema_versions'),
    leftBehind: async () => read('pragma integrity_check').filter((row) => row['integrity_check'] !== 'ok'),
  };
});
