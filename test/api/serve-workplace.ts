import { onTestFinished } from 'vitest';
import { makeServer } from '../../orchestrator/api/make-server.ts';
import type { AuditLine, Served } from '../../orchestrator/api/served.ts';
import { servedOver } from '../../orchestrator/api/served-over.ts';
import type { Caller } from '../../orchestrator/contract/caller.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { callerOfToken } from '../../orchestrator/operations/caller-of-token.ts';
import { createToken } from '../../orchestrator/operations/create-token.ts';
import { ProgressHub } from '../../orchestrator/operations/progress-hub.ts';
import { siteOfTests } from '../operations/site-of-tests.ts';

/** A server over a workplace, as `stint serve` makes it, on a port of its own; closed when the test has ended. */
export async function serveWorkplace(workplace: Workplace & Partial<Pick<Served, 'callerOf' | 'stintFor'>>) {
  const audited: AuditLine[] = [];
  const defects: unknown[] = [];
  const [site, hub] = [siteOfTests(), new ProgressHub()];
  const served = servedOver({
    workplace,
    site,
    hub,
    version: '0.0.0',
    callerOf: workplace.callerOf ?? ((token) => callerOfToken(workplace, token)),
    attended: async () => 0,
    audit: (line) => audited.push(line),
    defect: (error) => defects.push(error),
  });
  const server = makeServer({ ...served, ...(workplace.stintFor && { stintFor: workplace.stintFor }) });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  const tokenFor = async ({ name, role, team }: Caller) =>
    (await createToken(workplace, { name, role, ...(team !== null && { team }) })).token;
  return { url, hub, tokenFor, audited, defects };
}
