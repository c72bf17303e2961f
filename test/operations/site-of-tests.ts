import type { Site } from '../../orchestrator/operations/desk.ts';
import { siteOf } from '../../orchestrator/operations/site-of.ts';
import { temporaryFolder } from '../store/fixtures.ts';

/** A home of its own, from which everything can be launched. */
export const siteOfTests = (home = temporaryFolder()): Site => siteOf(home, async () => undefined);
