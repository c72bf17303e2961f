import { expect, it } from 'vitest';
import {
  checkImages,
  checkSecrets,
  checkServiceAccount,
} from '../../../orchestrator/doctor/checks/check-pod-parts.ts';
import { there } from '../../../orchestrator/doctor/found.ts';
import { ABSENT, NEEDS } from '../fixtures.ts';

it('says that the service account is missing, and makes it', () => {
  expect(checkServiceAccount(NEEDS, { serviceAccount: ABSENT })).toEqual({
    name: 'service account',
    level: 'problem',
    what: 'namespace training has no service account trainer, so no pod can be created',
    todo: 'kubectl create serviceaccount trainer -n training',
  });
});

it('names the secret that is missing', () => {
  const needs = { ...NEEDS, secrets: ['hub', 'wandb'] };
  expect(checkSecrets(needs, { secrets: { hub: there(true), wandb: ABSENT } })).toMatchObject([
    { level: 'ok', what: 'secret hub is there' },
    {
      level: 'problem',
      what: 'namespace training has no secret wandb; pods that name it do not start',
      todo: 'kubectl create secret generic wandb -n training --from-file=KEY=FILE',
    },
  ]);
});

it.each([
  [`r.example.com:5000/t@sha256:${'ab'.repeat(32)}`, 'ok', 'r.example.com:5000/t is pinned by digest'],
  ['r.example.com/t:latest', 'ok', 'named by a tag, which may change under a run: the profile allows it'],
  [
    `r.example.com/t@sha256:${'0'.repeat(64)}`,
    'problem',
    'r.example.com/t has a placeholder for its digest: no such image exists',
  ],
])('judges the image %s', (image, level, what) => {
  expect(checkImages({ ...NEEDS, images: [image] })).toMatchObject([
    { level, what: expect.stringContaining(what) as string },
  ]);
});
