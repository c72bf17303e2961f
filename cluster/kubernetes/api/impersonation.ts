import type { User } from '@kubernetes/client-node';

/** A user with what client-node leaves out of whom the requests are made as; the name itself it knows. */
export interface ImpersonatingUser extends User {
  readonly impersonates?: {
    readonly 'as-uid'?: string | null | undefined;
    readonly 'as-groups'?: readonly string[] | null | undefined;
    readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>> | null | undefined;
  };
}

type Headers = Readonly<Record<string, string | string[]>>;

/**
 * The headers that make a request another's, as kubectl sends them:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export function impersonationOf(user: ImpersonatingUser | null): Headers {
  const { 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user?.impersonates ?? {};
  return {
    ...(uid && { 'Impersonate-Uid': uid }),
    ...(groups && groups.length > 0 && { 'Impersonate-Group': [...groups] }),
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [
        `Impersonate-Extra-${encodeURIComponent(key.toLowerCase())}`,
        [...values],
      ]),
    ),
  };
}
