import { OWNER } from '../contract/caller.ts';
import type { Stint } from '../contract/routes.ts';
import { examineCluster } from '../operations/examine-cluster.ts';
import { listNodes } from '../operations/list-nodes.ts';
import { findLeftovers, releaseRun } from '../operations/release-run.ts';
import { siteOf } from '../operations/site-of.ts';
import type { SurveyDesk } from '../operations/survey-desk.ts';
import type { CliContext } from './context.ts';
import { openWhereThereIsOne } from './open-where-there-is-one.ts';

/** What can be asked of a cluster before anything was launched on it. */
export type Survey = Pick<Stint, 'examineCluster' | 'listNodes' | 'findLeftovers' | 'releaseRun'>;

/** At the server that was named, or here, whether or not a store is here. */
export async function openSurvey(context: CliContext): Promise<Survey> {
  if (context.server !== null) return context.openStint();
  const desk: SurveyDesk = {
    caller: OWNER,
    site: siteOf(context.home, context),
    openWorkplace: () => openWhereThereIsOne(context),
    now: Date.now,
  };
  return {
    examineCluster: (question) => examineCluster(desk, question),
    listNodes: (question) => listNodes(desk, question),
    findLeftovers: (question) => findLeftovers(desk, question),
    releaseRun: (question) => releaseRun(desk, question),
  };
}
