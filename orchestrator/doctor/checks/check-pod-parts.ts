import { type Check, ok, problem } from '../check.ts';
import type { ClusterFindings } from '../cluster-findings.ts';
import { unseen } from '../found.ts';
import type { ClusterNeeds } from '../needs.ts';

export function checkServiceAccount(
  { serviceAccount, namespace }: ClusterNeeds,
  { serviceAccount: found }: Pick<ClusterFindings, 'serviceAccount'>,
): Check {
  const name = 'service account';
  if (found.is === 'there') return ok(name, `service account ${serviceAccount} is there`);
  if (found.is === 'absent')
    return problem(
      name,
      `namespace ${namespace} has no service account ${serviceAccount}, so no pod can be created`,
      `kubectl create serviceaccount ${serviceAccount} -n ${namespace}`,
    );
  return unseen(name, `service account ${serviceAccount}`, found);
}

export const checkImages = ({ images }: ClusterNeeds): readonly Check[] => images.map(checkImage);

function checkImage(image: string): Check {
  const [, digest] = /@sha256:([0-9a-f]{64})$/.exec(image) ?? [];
  if (digest === undefined)
    return ok('image', `${image} is named by a tag, which may change under a run: the profile allows it`);
  if (/^0+$/.test(digest))
    return problem(
      'image',
      `${image.slice(0, image.indexOf('@'))} has a placeholder for its digest: no such image exists`,
      'build the image, push it, and put its digest into the profile',
    );
  return ok('image', `${image.slice(0, image.indexOf('@'))} is pinned by digest`);
}

export function checkSecrets(
  { secrets, namespace }: ClusterNeeds,
  { secrets: found }: Pick<ClusterFindings, 'secrets'>,
): readonly Check[] {
  return secrets.map((secret) => {
    const look = found[secret] ?? { is: 'unknown', why: 'it was not asked for' };
    if (look.is === 'there') return ok('secret', `secret ${secret} is there`);
    if (look.is === 'absent')
      return problem(
        'secret',
        `namespace ${namespace} has no secret ${secret}; pods that name it do not start`,
        `kubectl create secret generic ${secret} -n ${namespace} --from-file=KEY=FILE`,
      );
    return unseen('secret', `secret ${secret}`, look);
  });
}
