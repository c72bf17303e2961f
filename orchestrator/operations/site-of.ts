import { join } from 'node:path';
import { uploadsIn } from '../documents/uploads.ts';
import type { Site } from './desk.ts';

/** The machine of a home folder, as new runs need it. */
export const siteOf = (home: string, requireReady: Site['requireReady']): Site => ({
  home,
  uploads: uploadsIn(join(home, 'uploads')),
  requireReady,
});
