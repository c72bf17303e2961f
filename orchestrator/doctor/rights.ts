export interface Right {
  readonly verb: string;
  /** Empty for the core API. */
  readonly group: string;
  /** Plural, for example `pods` or `pods/log`. */
  readonly resource: string;
  /** Null for the whole cluster. */
  readonly namespace: string | null;
  /** Only for what is nice to have: what is lost without it. */
  readonly lost?: string;
}

/** `jobsets.jobset.x-k8s.io`, as kubectl names it. */
export const resourceName = ({ group, resource }: Pick<Right, 'group' | 'resource'>): string =>
  group === '' ? resource : `${resource}.${group}`;
