// The server against its own description: schemathesis makes requests of it, well formed and not, one after another.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { installLocked } from '../../ops/install-locked.ts';
import { serveWorkplace } from '../api/serve-workplace.ts';
import { newHome } from '../end-to-end/stint.ts';
import { workplaceOfTests } from '../operations/stint-contract.ts';

const CASES = 10_000;
/** For each route and each way from one to another, in the phases that draw by chance. */
const EXAMPLES = 20;

let program = '';
beforeAll(async () => {
  program = join(await installLocked('schemathesis', console.log), 'schemathesis');
}, 600_000);

/**
 * What is not asked of the server: that whatever fits the schema is taken (that a budget names a team or a project, and what a
 * profile is, no schema says), and that another method than a route's is answered with 405, where it is 404 here.
 */
const UNASKED = 'positive_data_acceptance,unsupported_method';

/** Asks all routes but the two streams, which end when their run does. @returns how many requests were made */
async function ask(url: string, token: string): Promise<number> {
  const folder = await newHome();
  const description = join(folder, 'openapi.json');
  await writeFile(description, await (await fetch(`${url}/openapi.json`)).text());
  const { stdout, exitCode } = await execa(
    program,
    [
      'run',
      description,
      `--url=${url}`,
      `--header=Authorization: Bearer ${token}`,
      '--checks=all',
      `--exclude-checks=${UNASKED}`,
      '--exclude-path-regex=/(progress|logs)$',
      '--no-color',
      '--generation-database=none',
      '--suppress-health-check=all',
      `--max-examples=${EXAMPLES}`,
    ],
    { cwd: folder, reject: false },
  );
  expect({ exitCode, said: exitCode === 0 ? '' : stdout.slice(-20_000) }).toEqual({ exitCode: 0, said: '' });
  return Number(/(\d+) generated/.exec(stdout)?.[1] ?? 0);
}

test(`of ${CASES} requests none gets an answer of 5xx, or one that the description does not name`, async () => {
  const workplace = await workplaceOfTests();
  const { url, tokenFor, defects } = await serveWorkplace(workplace);
  const token = await tokenFor({ name: 'ada', role: 'admin', team: null });
  const made = await ask(url, token);
  console.log(`${made} requests`);
  expect(defects).toEqual([]);
  expect(made).toBeGreaterThanOrEqual(CASES);
}, 3_600_000);
