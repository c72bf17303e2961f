import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { FittedProfile } from './fit-profile.ts';

const HEAD =
  '# The laptop profile, fitted to this machine by `npm run example`, which writes it again each time.\n';

/** The laptop's profile with its entries that depend on the machine replaced. */
export function profileText(root: string, fitted: FittedProfile): string {
  const laptop = parse(readFileSync(join(root, 'cluster/profiles/laptop.yaml'), 'utf8')) as object;
  return HEAD + stringify({ ...laptop, ...fitted });
}
