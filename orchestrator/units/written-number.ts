import { z } from 'zod';
import { nearestWhole } from './nearest-whole.ts';

/**
 * A number as somebody writes it, bare or as decimal text in quotes: what a file takes of a price it takes of a limit. What it
 * may be is for the schema behind it.
 */
export const writtenNumber = (expected: string) =>
  z.union([z.number(expected), z.string(expected)], expected).transform((written, context) => {
    if (typeof written === 'number') return written;
    if (nearestWhole(written, 1n) !== null) return Number(written);
    context.addIssue({ code: 'custom', message: expected });
    return z.NEVER;
  });
