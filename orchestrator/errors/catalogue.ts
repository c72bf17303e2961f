/** What the reader of an error does next, in one word; a process's exit code and an answer's HTTP status follow from it. */
export type ErrorKind = keyof typeof KINDS;

interface KindOf {
  readonly exitCode: number;
  readonly status: number;
  readonly means: string;
}

/** Exit codes of every `stint` command besides 0, done. 70 is EX_SOFTWARE of sysexits.h. */
export const KINDS = {
  invalid: { exitCode: 2, status: 400, means: 'what was given cannot be used; it has to be changed' },
  'not-found': { exitCode: 2, status: 404, means: 'there is nothing of that name' },
  unauthorised: { exitCode: 2, status: 401, means: 'who asks is not known' },
  denied: { exitCode: 2, status: 403, means: 'a right is missing; somebody has to grant it' },
  conflict: { exitCode: 2, status: 409, means: 'what is there, or what another does, stands in the way' },
  refused: { exitCode: 3, status: 422, means: 'the plan or a budget says no; nothing was started' },
  unavailable: {
    exitCode: 1,
    status: 503,
    means: 'nothing is wrong with the order; the same may pass later',
  },
  failed: { exitCode: 1, status: 500, means: 'something broke on the way, or a check did not hold' },
  defect: { exitCode: 70, status: 500, means: 'a fault of Stint itself' },
} as const satisfies Readonly<Record<string, KindOf>>;

interface Entry {
  readonly kind: ErrorKind;
  /** When it is said, as the end of "said when ...". */
  readonly when: string;
}

const entry =
  (kind: ErrorKind) =>
  (when: string): Entry => ({ kind, when });
const invalid = entry('invalid');
const notFound = entry('not-found');
const denied = entry('denied');
const conflict = entry('conflict');
const refused = entry('refused');
const unavailable = entry('unavailable');
const failed = entry('failed');

/**
 * Every error that Stint knows, by its permanent name. Scripts match these names, so none ever goes: a name that is no
 * longer said stays here. `docs/errors.md` is made of this table.
 */
export const ERRORS = {
  // Command lines.
  'wrong-usage': invalid('a command or an option does not exist, or lacks its value'),
  'wrong-option': invalid("an option's value cannot be used"),
  'bad-option': invalid('options do not go together'),
  'not-confirmed': invalid(
    'a command that ends something was not confirmed, and there is no terminal to ask on',
  ),
  'nothing-to-plan': invalid('a plan was asked for without a recipe'),
  'not-evaluated': notFound('answers or results are asked of a run that has no evaluation'),
  'no-such-question': notFound('a question is asked for that the run was not asked'),
  'answers-unreadable': failed('the answers that an evaluation has kept are not there, or cannot be read'),
  'nothing-to-evaluate': invalid('an evaluation names neither a checkpoint nor a model that could answer'),
  'nothing-to-sweep': invalid('a sweep was asked of what cannot be swept'),
  'nothing-to-draw': invalid('a report was asked for with nothing to show'),
  'no-such-stage': notFound('a stage is named that this recipe does not have'),
  'no-such-paper': notFound('a paper is named whose published points are not known'),
  'no-runs-to-compare': notFound('there are no runs, or too few, to compare'),
  'run-compared-with-itself': invalid('a run is named twice in a comparison'),

  // Files and what is written in them.
  'yaml-syntax': invalid('a file is not YAML'),
  'unknown-field': invalid('a file has a field that its schema does not know'),
  'wrong-field': invalid("a field's value does not fit its schema"),
  'unknown-field-path': invalid("an ablation's factor or `set` names no field of the recipe"),
  'set-touches-factor': invalid("an ablation's `set` sets what its arms vary"),
  'more-than-one-factor': invalid("an ablation's arm varies more than one field"),
  'same-name': invalid('two arms of an ablation have one name'),
  'same-value': invalid('two arms of an ablation have one value'),
  'arm-does-not-fit': invalid("an ablation's value makes its recipe invalid"),
  'evaluation-is-the-factor': invalid('`--without-evaluation` would remove what an ablation compares'),
  'file-too-large': invalid('a file is larger than any recipe or profile can be'),
  'file-not-text': invalid('a file is not UTF-8 text'),
  'file-not-readable': invalid('a file cannot be read'),
  'file-exists': conflict('a file would be written over'),
  'cannot-write': denied('a file cannot be written'),
  'cannot-edit': invalid('a file cannot be edited without losing how it is laid'),
  'template-mismatch': invalid('a template lacks a field that Stint fills in, or has one too many'),
  'two-prices': invalid('a price book has two prices for one profile at one time'),
  'no-price': invalid('costs were asked for, and no price is known'),
  'no-recipe': invalid('a command needs a recipe that it cannot find'),
  'no-runtime': notFound('a profile names no such backend or template'),
  'bad-run-id': invalid('a run id cannot be a part of Kubernetes names'),
  'batch-not-divisible': invalid('the global batch is no multiple of what the ranks take at once'),
  'sequence-parallel-not-divisible': invalid('attention heads or ranks cannot be shared as a recipe asks'),

  // Models and data.
  'no-such-model': notFound('there is no model at that place'),
  'not-a-model': invalid('a folder holds no model'),
  'model-folder-missing': notFound("a recipe's model folder is not there"),
  'revision-missing': invalid('a model of a hub is named without its revision'),
  'weights-not-shared': invalid('weights cannot be shared among the ranks of the profile'),
  'no-such-data': notFound('there is no data at that place'),
  'data-not-here': invalid('data is asked about that only the cluster can see'),
  'data-not-readable': invalid('data cannot be read as what it says it is'),
  'data-empty': invalid('data has no rows'),
  'data-differs': conflict('data is not what its digest says'),
  'data-file-missing': notFound('a pattern or path of data names no file'),
  'data-file-twice': invalid('a data file is named twice'),
  'data-format-unknown': invalid("a data file's name has no known ending"),
  'fields-not-found': invalid('question, trace or answer cannot be guessed among the fields of the data'),
  'rows-broken': invalid('rows of the data cannot be used'),
  'no-lengths': invalid('there are no lengths to write into the recipe'),
  'input-not-here': invalid('an input has to lie on this machine for this command'),
  'input-unreadable': invalid('an input cannot be read'),
  'input-changed': conflict('an input changed while it was copied'),
  'inputs-not-staged': conflict("a run's inputs are not, or no longer, in its folder"),
  'cannot-be-rehearsed': invalid('a step cannot be rehearsed as planned'),
  'inspection-failed': failed('looking through the data broke'),
  'rehearsal-failed': failed('the rehearsal of a step broke'),

  // Verdicts of a plan.
  'lengths-known': refused('a plan for GPUs does not know the lengths of its samples'),
  'data-usable': refused('rows of the data cannot be used'),
  'vocabulary-fits': refused('the tokenizer has tokens that the model has no rows for'),
  'weights-whole': refused("the model's folder does not hold its weights whole"),
  'no-silent-truncation': refused('samples are longer than the sequence length'),
  'within-positions': refused('sequences are longer than the positions that the model knows'),
  'world-matches-batch': refused('the batch cannot be shared among the ranks'),
  'memory-fits': refused("a step does not fit the devices' memory"),
  'host-memory-fits': refused('a rank does not fit the memory of its machine'),
  'network-keeps-up': refused('the devices would wait for the network'),
  'within-budget': refused("the recipe's own budget is smaller than its plan"),
  'can-be-evaluated': refused('the evaluation cannot run, or idles devices'),
  'no-device-idles': refused('devices are held for an evaluation and do not decode'),
  'evaluation-in-a-day': refused('the evaluation takes longer than a day'),
  'disk-fits': refused('checkpoints and export do not fit the disk'),
  'stop-can-be-saved': refused('a stop cannot be saved within the grace period'),
  'spec-fits': refused('the job specification is too large for a ConfigMap'),
  'warmup-ends': refused('every step is warm-up'),
  pinned: refused('a model or data is not pinned to a revision'),

  // Budgets.
  'over-budget': refused('a budget has no room left for what the plan may take'),
  'budget-without-price': refused('a budget in money covers a profile without a price'),

  // Runs.
  'no-such-run': notFound('no run here has that name'),
  'unknown-run': notFound('no run is recorded under that id'),
  'ambiguous-run': invalid('several runs begin with what was given'),
  'run-is-held': conflict('another process attends the run'),
  'run-is-elsewhere': conflict("a run's files lie on another machine"),
  'run-goes-on': conflict('a run is to be resumed that has not ended'),
  'nothing-to-resume': conflict('no run that was named can be resumed'),
  'nothing-to-release': conflict('a run holds nothing on its cluster'),
  'not-started': failed('the process in the background ended before it took its runs over'),
  'manifest-not-written': denied("a run's own record cannot be written into its folder"),
  'lease-lost': unavailable('another process took over the run that this one attended'),
  'result-unreadable': failed('what a stage left cannot be read'),

  // Checkpoints and ledger.
  'no-such-checkpoint': notFound('no checkpoint has that name'),
  'checkpoint-missing': failed("a checkpoint's files are gone"),
  'checkpoint-unsound': failed("a checkpoint's files are not what its manifest says"),
  'ledger-conservation': failed('seconds of the ledger do not add up'),
  'ledger-contradiction': failed('two facts of the ledger contradict each other'),
  'ledger-differs': failed('the ledger does not agree with what the cluster says'),

  // This machine.
  'no-home': notFound('the state folder does not exist'),
  'home-not-writable': denied('the state folder cannot be written'),
  'folder-not-writable': denied('a folder cannot be written'),
  'disk-full': conflict('the disk, or its quota, is full'),
  'machine-refused': failed('the operating system refuses something'),
  'no-python-environment': invalid("the trainer's Python packages are not installed"),
  'no-free-port': conflict('no port is free for ranks to meet at'),
  'port-in-use': conflict('the port at which ranks are to meet is taken'),
  defect: { kind: 'defect', when: 'something happened that nobody foresaw' },

  // The store.
  conflict: conflict('somebody else wrote first'),
  'store-address': invalid('the address of the store cannot be read'),
  'store-busy': unavailable('other processes keep the store busy'),
  'store-cannot-open': denied('the store cannot be opened or made'),
  'store-corrupt': failed('the store is damaged'),
  'store-full': failed('the store has no room left'),
  'store-input-output': failed('the disk of the store fails'),
  'store-newer': conflict('the store was written by a newer Stint'),
  'store-no-database': notFound('the server has no database of that name'),
  'store-no-rights': denied('the user may not make or use the tables of the store'),
  'store-not-secure': invalid('no secured connection to the store came about'),
  'store-read-only': denied('the store takes no changes'),
  'store-refused': denied('the store does not let this user in'),
  'store-unreachable': unavailable('the store does not answer'),
  'clock-differs': failed("this machine's clock differs from the store's"),

  // Clusters.
  'no-such-cluster': notFound('there is no profile of that name'),
  'no-kubeconfig': notFound('there is no kubeconfig'),
  'kubeconfig-unusable': invalid(
    'the kubeconfig is no kubeconfig, or no connection can be made with an entry of it',
  ),
  'no-such-context': notFound('the kubeconfig has no such context'),
  'credential-plugin': invalid('the credential plugin of the kubeconfig gives no credentials'),
  'no-nodes': invalid('nodes are asked of a cluster that has none to show'),
  'no-work-folder': notFound('the work folder of the profile cannot be reached'),
  'no-such-pod': notFound('there is no such pod, or no longer'),
  'no-kueue': notFound('a queue is asked for on a cluster without Kueue'),
  'no-workload': failed('Kueue has made no Workload for a job that waits'),
  'not-runnable-here': invalid('a job cannot run on this kind of cluster'),
  'refused-by-admission': denied("the cluster's policy refuses an object"),
  'cluster-bad-answer': failed('the API server answers something that cannot be read'),
  'cluster-conflict': conflict(
    'an object of that name belongs to something else, or was changed at the same time',
  ),
  'cluster-expired': unavailable('the API server has forgotten where the reader stood'),
  'cluster-forbidden': denied('the user may not do that on the cluster'),
  'cluster-invalid': invalid('the API server refuses an object as invalid'),
  'cluster-not-found': notFound('the cluster has no such object, or no such kind of it'),
  'cluster-quota': denied("the namespace's quota does not allow it"),
  'not-allowed': denied("a token's role or team does not allow what was asked"),
  'cluster-not-yours': denied('a token may not launch with a profile that its server does not know'),
  'upload-differs': conflict('what was sent to a server is not the content that was named'),
  'file-not-sent': conflict('a recipe names a content that its server does not have'),
  'key-reused': conflict('an idempotency key comes again with another question'),
  'still-answering': unavailable('the same question is being answered just now'),
  'token-unknown': entry('unauthorised')(
    'a server does not know the token, or it was revoked or has expired',
  ),
  'no-role': denied('an identity provider knows who asks, and no rule of the server gives them a role'),
  'wrong-identity-provider': invalid('an identity provider is not the one that was named'),
  'identity-provider-unreachable': unavailable(
    'the identity provider whose tokens a server takes does not answer',
  ),
  'no-such-token': notFound('there is no token of that name'),
  'token-name-taken': conflict('there is a token of that name already'),
  'server-unreachable': unavailable('the server that was named does not answer'),
  'server-newer': invalid('a server speaks another version of the contract'),
  'not-over-a-server': invalid('a command works on this machine only, and a server was named'),
  'no-such-route': notFound('a server is asked for a path that it does not have'),
  'wrong-request': invalid('a request is not JSON, too large, or of another kind than the route takes'),
  'cannot-listen': conflict('an address cannot be listened on'),
  'unknown-to-this-version': failed('a server says an error that this version does not know'),
  'cluster-unauthorised': denied('the API server does not know who asks'),
  'cluster-unavailable': unavailable('the API server cannot serve this now'),
  'cluster-unreachable': unavailable('the API server does not answer'),
  'being-deleted': unavailable('an object of that name is still being deleted'),
} as const satisfies Readonly<Record<string, Entry>>;

/** Permanent kebab-case name of an error, safe to match in scripts. */
export type ErrorCode = keyof typeof ERRORS;
