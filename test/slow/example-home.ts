import { resolve } from 'node:path';

/** Where the slow lane runs the example; kept, so that a later part finds what it exported. */
export const EXAMPLE_HOME = resolve('.cache/slow/home');
