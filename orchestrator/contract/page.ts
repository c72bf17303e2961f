import { z } from 'zod';

/** Most rows of one answer, so that no question can take a server's memory. */
const MOST = 1_000;

export const PageLimit = z.coerce
  .number<number | string | undefined>()
  .int()
  .min(1)
  .max(MOST)
  .default(100)
  .meta({ description: 'Rows of a page.' });

export const Cursor = z.string().max(200).meta({ description: '`next` of the page before.' });

export const Instant = z.iso.datetime();
