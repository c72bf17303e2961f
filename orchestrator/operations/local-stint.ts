import type { Caller } from '../contract/caller.ts';
import { OWNER } from '../contract/caller.ts';
import type { Stint } from '../contract/routes.ts';
import type { Workplace } from '../controller/workplace.ts';
import { loadPriceBook } from '../documents/load-price-book.ts';
import type { Once, Site } from './desk.ts';
import { requireAllTeams } from './require-all-teams.ts';

/**
 * Stint in this process, for a caller. Each operation is loaded when it is asked for: most commands ask for one.
 *
 * @param once - Of a question that may come again.
 */
export function localStint(workplace: Workplace, site: Site, caller: Caller = OWNER, once?: Once): Stint {
  const desk = { workplace, caller };
  const surveyDesk = { caller, site, openWorkplace: async () => workplace, now: workplace.now };
  const launchDesk = { ...desk, site, ...(once && { once }) };
  return {
    listRuns: async (question) => (await import('./list-runs.ts')).listRuns(desk, question),
    planRuns: async (question) => (await import('./plan-runs.ts')).planRuns(launchDesk, question),
    planSweep: async (question) => (await import('./plan-sweep.ts')).planSweep(launchDesk, question),
    findMissingFiles: async ({ files }) => ({ missing: [...(await site.uploads.missing(files))] }),
    createRuns: async (question) => (await import('./create-runs.ts')).createRuns(launchDesk, question),
    resumeRuns: async (question) => (await import('./resume-runs.ts')).resumeRuns(launchDesk, question),
    findLeftovers: async (question) => (await import('./release-run.ts')).findLeftovers(surveyDesk, question),
    releaseRun: async (question) => (await import('./release-run.ts')).releaseRun(surveyDesk, question),
    examineCluster: async (question) =>
      (await import('./examine-cluster.ts')).examineCluster(surveyDesk, question),
    listNodes: async (question) => (await import('./list-nodes.ts')).listNodes(surveyDesk, question),
    compareRuns: async (question) => (await import('./compare-runs.ts')).compareRuns(desk, question),
    listPartings: async (question) => (await import('./list-partings.ts')).listPartings(desk, question),
    listAnswers: async (question) => (await import('./list-answers.ts')).listAnswers(desk, question),
    listFlips: async (question) => (await import('./list-flips.ts')).listFlips(desk, question),
    sumCost: async (question) =>
      (await import('./sum-cost.ts')).sumCost(desk, question, await loadPriceBook(undefined, site.home)),
    listCharges: async (question) =>
      (await import('./list-charges.ts')).listCharges(
        desk,
        question,
        await loadPriceBook(undefined, site.home),
      ),
    getRun: async (question) => (await import('./get-run.ts')).getRun(desk, question),
    reportStatus: async (question) => (await import('./report-status.ts')).reportStatus(desk, question),
    cancelRuns: async (question) => (await import('./cancel-runs.ts')).cancelRuns(desk, question),
    listCheckpoints: async (question) =>
      (await import('./list-checkpoints.ts')).listCheckpoints(desk, question),
    getCheckpoint: async (question) => (await import('./get-checkpoint.ts')).getCheckpoint(desk, question),
    verifyCheckpoint: async (question) =>
      (await import('./verify-checkpoint.ts')).verifyCheckpoint(desk, question),
    listBudgets: async () => (await import('./list-budgets.ts')).listBudgets(desk),
    applyBudgets: async (question) => {
      requireAllTeams(caller, 'budgets are the whole set');
      return (await import('./apply-budgets.ts')).applyBudgets(workplace, question);
    },
    listTokens: async () => {
      requireAllTeams(caller, 'tokens are for all teams');
      return (await import('./list-tokens.ts')).listTokens(workplace);
    },
    createToken: async (question) => {
      requireAllTeams(caller, 'tokens are for all teams');
      return (await import('./create-token.ts')).createToken(workplace, question);
    },
    revokeToken: async (question) => {
      requireAllTeams(caller, 'tokens are for all teams');
      return (await import('./revoke-token.ts')).revokeToken(workplace, question);
    },
    verifyLedger: async () => {
      requireAllTeams(caller, 'the ledger is one for all teams');
      return (await import('./verify-ledger.ts')).verifyLedger(workplace);
    },
  };
}
