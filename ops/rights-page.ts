// Writes docs/rights.md from the table beside the calls: `npm run rights`.
import { writeFileSync } from 'node:fs';
import { RIGHTS, type RightRow } from '../cluster/kubernetes/inspect/rights.ts';
import { resourceName } from '../orchestrator/doctor/rights.ts';

export const RIGHTS_PAGE = 'docs/rights.md';

const HEAD = `# Rights on a cluster

Every right that a call of Stint takes on Kubernetes, made from the table beside the calls (\`cluster/kubernetes/inspect/rights.ts\`) by
\`npm run rights\`. \`stint doctor --cluster PROFILE\` asks the API server for each of them, and prints the Role of those that
the profile needs; of jobsets, jobs and trainjobs that is the one in use, of services only with jobs, of workloads only with a
queue. \`test/slow/kubernetes\` holds commands against it on a real cluster, with its audit log.
`;

const SECTIONS = [
  ['needed', '## What every run takes\n\nWithout one of them `stint launch` starts nothing, and says which.'],
  ['optional', '## What else doctor asks for\n\nWithout one of them it says what is lost.'],
  [
    'looked at',
    '## What is looked at where it may be seen\n\nWithout it all goes on; what could not be seen is said.',
  ],
] as const satisfies readonly (readonly [RightRow['need'], string])[];

/** The page as it has to be. */
export function rightsPage(): string {
  const sections = SECTIONS.map(([need, head]) => {
    const lines = RIGHTS.filter((row) => row.need === need).map(lineOf);
    return `${head}\n\n| resource | verbs | in | what Stint does with it |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
  });
  return [HEAD, ...sections].join('\n');
}

function lineOf({ verbs, of, does, lost, ...row }: RightRow): string {
  const what = lost === undefined ? does : `${does}; without it, ${lost}`;
  const place = of === 'cluster' ? 'the cluster' : 'the namespace';
  return `| ${[`\`${resourceName(row)}\``, verbs.join(', '), place, what].join(' | ')} |`;
}

if (import.meta.main) writeFileSync(RIGHTS_PAGE, rightsPage());
