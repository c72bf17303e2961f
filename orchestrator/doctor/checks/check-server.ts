import { type Check, ok, problem, warning } from '../check.ts';
import type { ClusterFindings } from '../cluster-findings.ts';
import { type Found, unseen } from '../found.ts';

/** Minor versions of Kubernetes 1. Before 1.31 a Job has no stable podFailurePolicy. */
const OLDEST_MINOR = 31;
const NEWEST_MINOR = 37;
const RANGE = `1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`;

export function checkServer({ server, version }: Pick<ClusterFindings, 'server' | 'version'>): Check {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const said = `Kubernetes ${version.replace(/^v/, '')} answers at ${server}`;
  if (major === undefined || minor === undefined)
    return warning('server', `${said}, a version that is no number`, `see that it is one of ${RANGE}`);
  const at = Number(minor) + 1_000 * (Number(major) - 1);
  if (at < OLDEST_MINOR)
    return problem('server', `${said}, which is too old`, `upgrade the cluster: ${RANGE} are supported`);
  if (at > NEWEST_MINOR)
    return warning(
      'server',
      `${said}, which is newer than what was tried`,
      `expect surprises: ${RANGE} are supported`,
    );
  return ok('server', said);
}

export const checkUser = (user: Found<string>): Check => {
  if (user.is === 'there') return ok('user', `you are ${user.value} there`);
  return user.is === 'absent'
    ? warning('user', 'the server does not say who you are', 'see `kubectl auth whoami`')
    : unseen('user', 'who you are', user);
};
