import { expect, it } from 'vitest';
import { checkServer, checkUser } from '../../../orchestrator/doctor/checks/check-server.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { ABSENT } from '../fixtures.ts';

const at = (version: string) => checkServer({ server: 'https://api', version });

it.each(['v1.31.0', 'v1.36.3', 'v1.37.2-gke.100'])('takes %s', (version) => {
  expect(at(version)).toEqual({
    name: 'server',
    level: 'ok',
    what: `Kubernetes ${version.slice(1)} answers at https://api`,
  });
});

it.each([
  ['v1.30.14', 'problem', 'too old', 'upgrade the cluster: 1.31 to 1.37 are supported'],
  ['v0.99.0', 'problem', 'too old', 'upgrade'],
  ['v1.38.0', 'warning', 'newer than what was tried', '1.31 to 1.37'],
  ['v2.0.0', 'warning', 'newer', '1.31'],
  ['main', 'warning', 'no number', '1.31'],
])('says of %s that it is a %s', (version, level, what, todo) => {
  expect(at(version)).toMatchObject({
    level,
    what: expect.stringContaining(what) as string,
    todo: expect.stringContaining(todo) as string,
  });
});

it('says who one is there, or that the server does not tell', () => {
  expect(checkUser(there('ann'))).toMatchObject({ level: 'ok', what: 'you are ann there' });
  expect(checkUser(ABSENT)).toMatchObject({ level: 'warning' });
  expect(checkUser({ is: 'unknown', why: 'it hung up' }).what).toBe(
    'who you are could not be looked at: it hung up',
  );
});
