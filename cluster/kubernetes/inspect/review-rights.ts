import { z } from 'zod';
import type { RightFinding } from '../../../orchestrator/doctor/cluster-findings.ts';
import { type Found, there } from '../../../orchestrator/doctor/found.ts';
import type { Right } from '../../../orchestrator/doctor/rights.ts';
import type { ApiClient } from '../api/client.ts';
import { look } from '../api/look.ts';

const AccessSchema = z.object({ status: z.object({ allowed: z.boolean() }) });
const SelfSchema = z.object({ status: z.object({ userInfo: z.object({ username: z.string() }) }) });

const POST = { method: 'POST', contentType: 'application/json' } as const;

/** What the server says of each right: it knows roles, and whatever else decides there. */
export async function reviewRights(
  client: ApiClient,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<Found<readonly RightFinding[]>> {
  const reviews = await Promise.all(rights.map((right) => reviewRight(client, right, signal)));
  const silent = reviews.find((review) => review.is !== 'there');
  if (silent) return silent;
  return there(
    rights.map((right, index) => {
      const review = reviews[index];
      return { right, allowed: review?.is === 'there' && review.value };
    }),
  );
}

function reviewRight(client: ApiClient, right: Right, signal: AbortSignal) {
  const { verb, group, namespace } = right;
  const [resource, subresource] = right.resource.split('/');
  const attributes = {
    verb,
    group,
    resource,
    ...(subresource && { subresource }),
    ...(namespace && { namespace }),
  };
  const apiVersion = 'authorization.k8s.io/v1';
  return look(
    client,
    {
      ...POST,
      path: `/apis/${apiVersion}/selfsubjectaccessreviews`,
      body: { apiVersion, kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: attributes } },
      signal,
    },
    (answer) => AccessSchema.parse(answer).status.allowed,
  );
}

/** Who we are to the server. */
export function whoAmI(client: ApiClient, signal: AbortSignal): Promise<Found<string>> {
  const apiVersion = 'authentication.k8s.io/v1';
  return look(
    client,
    {
      ...POST,
      path: `/apis/${apiVersion}/selfsubjectreviews`,
      body: { apiVersion, kind: 'SelfSubjectReview' },
      signal,
    },
    (answer) => SelfSchema.parse(answer).status.userInfo.username,
  );
}
