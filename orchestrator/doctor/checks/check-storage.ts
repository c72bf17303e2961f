import { listed } from '../../units/counted.ts';
import { type Check, ok, problem, warning } from '../check.ts';
import type { ClaimFinding, ClusterFindings, StorageClassFinding } from '../cluster-findings.ts';
import { applyCommand } from '../command.ts';
import { unseen, valueOf } from '../found.ts';
import type { ClusterNeeds } from '../needs.ts';

type Seen = Pick<ClusterFindings, 'claims' | 'storageClasses' | 'workFolder'>;

export function checkStorage(needs: ClusterNeeds, seen: Seen): readonly Check[] {
  const written = checkClaim(needs, seen, { claim: needs.workClaim, written: true });
  const read = needs.otherClaims.map((claim) => checkClaim(needs, seen, { claim, written: false }));
  return [written, ...read, ...checkWorkFolder(needs, seen)];
}

interface Use {
  readonly claim: string;
  readonly written: boolean;
}

function checkClaim(needs: ClusterNeeds, seen: Seen, { claim, written }: Use): Check {
  const name = written ? 'work volume' : 'volume';
  const found = seen.claims[claim] ?? { is: 'unknown', why: 'it was not asked for' };
  if (found.is === 'absent')
    return problem(
      name,
      `namespace ${needs.namespace} has no volume claim ${claim}`,
      claimCommand(needs, { claim, written }, valueOf(seen.storageClasses) ?? []),
    );
  if (found.is !== 'there') return unseen(name, `volume claim ${claim}`, found);
  return checkPhase(needs, seen, { name, claim, written, ...found.value });
}

type Named = ClaimFinding & Use & { readonly name: string };

function checkPhase(needs: ClusterNeeds, seen: Seen, found: Named): Check {
  const { name, claim, phase, storageClass } = found;
  if (phase === 'Bound') return checkModes(needs, found);
  const classes = valueOf(seen.storageClasses);
  const known = classes?.find((each) => each.name === storageClass);
  if (phase === 'Pending' && known?.bindsOnFirstUse)
    return warning(
      name,
      `volume claim ${claim} is not bound yet: storage class ${known.name} does it for the first pod`,
      'nothing, if the storage is there; the first run shows it',
    );
  const lacks = classes !== undefined && storageClass !== undefined && known === undefined;
  return problem(
    name,
    `volume claim ${claim} is ${phase}, not Bound${lacks ? `: there is no storage class ${storageClass}` : ''}`,
    `kubectl describe pvc ${claim} -n ${needs.namespace}${classes && lacks ? `\nstorage classes here: ${listed(classes.map((each) => each.name)) || 'none'}` : ''}`,
  );
}

/** From every node at once, or from one only. */
function checkModes(needs: ClusterNeeds, found: Named): Check {
  const { namespace, pods } = needs;
  const { name, claim, written, accessModes, storageClass, capacity } = found;
  const meant = written ? needs.storageClass : undefined;
  const said = `volume claim ${claim} is bound (${[capacity, storageClass, ...accessModes].filter(Boolean).join(', ')})`;
  const shared = accessModes.some(
    (mode) => mode === 'ReadWriteMany' || (!written && mode === 'ReadOnlyMany'),
  );
  if (shared && meant !== undefined && meant !== storageClass)
    return warning(
      name,
      `${said}, and the profile expects storage class ${meant}`,
      'correct backend.storageClass, or make a claim of that class: it may be the faster one',
    );
  if (shared) return ok(name, said);
  const wanted = written ? 'ReadWriteMany' : 'ReadOnlyMany or ReadWriteMany';
  const todo = `make a claim with ${wanted} and name it in the profile; an access mode cannot be changed (\`kubectl get pvc -n ${namespace}\`)`;
  return pods > 1
    ? problem(name, `${said}, and a run mounts it on ${pods} nodes at once`, todo)
    : warning(name, `${said}: the stages of a run, and this machine, can see it from one node only`, todo);
}

/** A file system that many nodes mount; the classes that are there are named, because none is right everywhere. */
function claimCommand(
  { namespace, storageClass }: ClusterNeeds,
  { claim, written }: Use,
  classes: readonly StorageClassFinding[],
): string {
  const only = classes.length === 1 ? classes[0]?.name : undefined;
  const storageClassName = (written ? storageClass : undefined) ?? only ?? 'STORAGE_CLASS';
  const command = applyCommand({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claim, namespace },
    spec: {
      accessModes: [written ? 'ReadWriteMany' : 'ReadOnlyMany'],
      storageClassName,
      resources: { requests: { storage: '1Ti' } },
    },
  });
  const known = classes.map(({ name, provisioner }) => `${name} (${provisioner})`);
  return `${command}\nstorage classes here: ${listed(known) || 'none are known'}`;
}

function checkWorkFolder({ workFolder, workClaim }: ClusterNeeds, seen: Seen): readonly Check[] {
  if (workFolder === undefined)
    return [
      problem(
        'work folder',
        'the profile does not say where this machine sees the work volume, so nothing can be launched from here',
        `mount the volume of claim ${workClaim} on this machine and set backend.workFolder to its folder`,
      ),
    ];
  if (seen.workFolder === undefined) return [];
  const { trouble } = seen.workFolder;
  return [
    trouble === null
      ? ok('work folder', `${workFolder} can be read and written from here`)
      : problem(
          'work folder',
          `${workFolder} is of no use on this machine: ${trouble}`,
          `mount the volume of claim ${workClaim} there, or correct backend.workFolder`,
        ),
  ];
}
