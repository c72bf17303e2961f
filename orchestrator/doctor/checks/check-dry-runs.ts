import type { Problem } from '../../errors/stint-error.ts';
import { listed } from '../../units/counted.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterFindings, DryRun } from '../cluster-findings.ts';
import type { ClusterNeeds } from '../needs.ts';

const NAME = 'dry run';

type Seen = Pick<ClusterFindings, 'dryRuns' | 'namespace' | 'serviceAccount' | 'runtimes'>;

/** The server, with every webhook and policy that it asks, takes what a launch would create. */
export function checkDryRuns(
  { queue }: ClusterNeeds,
  { dryRuns, namespace, serviceAccount, runtimes }: Seen,
): readonly Check[] {
  // Nothing can be tried in a namespace that is not there, and that is told already.
  if (namespace.is === 'absent' || dryRuns.length === 0) return [];
  const refused = dryRuns.filter(
    (run) =>
      run.refused !== undefined && !(serviceAccount.is === 'absent' && NO_ACCOUNT.test(run.refused.what)),
  );
  const taken = dryRuns.filter((run) => run.refused === undefined).map(({ kind }) => kind);
  const notHeld = dryRuns.filter((run) => run.heldBack === false);
  return [
    ...(taken.length > 0
      ? [ok(NAME, `the cluster would take the ${listed(taken)} of a run; nothing was created`)]
      : []),
    ...refused.flatMap((run) => toldRefusal(run, runtimes)),
    ...notHeld.map(({ kind }) =>
      problem(
        'queue',
        `Kueue does not look at a ${kind}: it would start at once, past the queue ${queue?.name}`,
        `put ${FRAMEWORK[kind] ?? kind} into integrations.frameworks of Kueue's configuration and restart it:\nkubectl edit configmap kueue-manager-config -n kueue-system`,
      ),
    ),
  ];
}

const FRAMEWORK: Readonly<Record<string, string>> = {
  Job: 'batch/job',
  JobSet: 'jobset.x-k8s.io/jobset',
  TrainJob: 'trainer.kubeflow.org/trainjob',
};

/** Words of Kubeflow Trainer 2.3's webhook: it has two ways to say so. */
const NO_RUNTIME = /(?:ClusterTrainingRuntime\S* "|runtime ')([^"']+)["'] not found/;

/** Words of the API server for a field that the definition of an older controller has not. */
const UNKNOWN_FIELD = /(\.[\w.[\]]+): field not declared in schema/;
const MAKER: Readonly<Record<string, string>> = { JobSet: 'JobSet', TrainJob: 'Kubeflow Trainer' };

/** Told by the check of the service account. */
const NO_ACCOUNT = /error looking up service account/;

function toldRefusal({ kind, refused }: DryRun, runtimes: Seen['runtimes']): readonly Check[] {
  if (refused === undefined) return [];
  // Told by the checks of rights and of interfaces.
  if (refused.code === 'cluster-forbidden' || refused.code === 'cluster-not-found') return [];
  const [, runtime] = NO_RUNTIME.exec(refused.what) ?? [];
  // Told by the check of runtimes.
  if (runtime !== undefined && runtimes[runtime]?.is === 'absent') return [];
  if (runtime !== undefined)
    return [
      problem(
        'runtime',
        `there is no ClusterTrainingRuntime ${runtime}, which the profile's TrainJobs name`,
        'an administrator installs it once: stint render --runtime --cluster PROFILE | kubectl apply --server-side -f -',
      ),
    ];
  const silent = silentWebhook(refused);
  if (silent)
    return [
      problem(
        NAME,
        `a ${kind} cannot be created: the webhook ${silent.webhook} does not answer`,
        silent.todo,
      ),
    ];
  const [, field] = UNKNOWN_FIELD.exec(refused.what) ?? [];
  if (field !== undefined)
    return [
      problem(
        NAME,
        `a ${kind} would be refused: the ${MAKER[kind] ?? 'API server'} there does not know ${field}`,
        `update it: Stint's templates are tried with JobSet 0.10 and newer, and with Kubeflow Trainer 2.3`,
      ),
    ];
  const what = `a ${kind} would be refused: ${refused.what}`;
  return [
    refused.code === 'cluster-unavailable'
      ? warning(NAME, what, refused.todo)
      : problem(NAME, what, refused.todo),
  ];
}

/** A controller whose webhook must answer is down: its namespace is in the address. */
function silentWebhook({ what, why = '' }: Problem) {
  const words = `${what} ${why}`;
  const [, webhook] = /failed calling webhook "([^"]+)"/.exec(words) ?? [];
  if (webhook === undefined) return undefined;
  const [, service, namespace] = /https:\/\/([^./]+)\.([^./]+)\.svc/.exec(words) ?? [];
  return {
    webhook,
    todo:
      namespace === undefined
        ? 'see that its controller runs:\nkubectl get pods -A'
        : `see that its controller runs, behind service ${service}:\nkubectl get pods,endpointslices -n ${namespace}`,
  };
}
