import { globSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { read } from '../../cluster/kubernetes/api/apply.ts';
import type { JsonObject } from '../../cluster/kubernetes/api/client.ts';
import { placeOf, podsIn } from '../../cluster/kubernetes/api/places.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { FINALIZER, LABEL } from '../../orchestrator/render/keys.ts';
import type { Manifest } from '../../orchestrator/render/manifest.ts';
import { jobName } from '../../orchestrator/render/names.ts';
import type { Owner } from '../../orchestrator/render/owner.ts';
import { renderRuntime } from '../../orchestrator/render/render-owner.ts';
import { type PodTemplate, renderPod } from '../../orchestrator/render/render-pod.ts';
import { renderStage } from '../../orchestrator/render/render-stage.ts';
import type { StageRequest } from '../../orchestrator/render/request.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { freshRun } from '../cluster/contract.ts';
import { OWNERS, ownedBy, request } from '../render/requests.ts';
import { testClient } from './open-kubernetes.ts';

/**
 * Nothing of this runs: the queues that the profiles name are not here, so Kueue leaves what waits in them suspended, and
 * the volume's claim is not here either, so no node takes the pods of the rest.
 */
const NAMESPACES = { restricted: 'stint-templates', privileged: 'stint-templates-privileged' } as const;

const signal = AbortSignal.timeout(900_000);
const client = testClient();
const templates = await loadTemplates();

const PROFILES = globSync('cluster/profiles/*.yaml').flatMap((path) => {
  const profile = ClusterProfileSchema.parse(parse(readFileSync(path, 'utf8')));
  const { backend } = profile;
  if (backend.kind !== 'kubernetes') return [];
  return [{ ...profile, backend: { ...backend, namespace: NAMESPACES[backend.podSecurity] } }];
});

interface Case {
  readonly name: string;
  readonly owner: Owner;
  readonly namespace: string;
  readonly profile: ClusterProfile;
}
const CASES: readonly Case[] = PROFILES.flatMap((profile) =>
  OWNERS.map((owner) => ({
    name: `${profile.name} by ${owner}`,
    owner,
    namespace: profile.backend.namespace,
    profile: ownedBy(owner, profile),
  })),
);

beforeAll(async () => {
  for (const [standard, name] of Object.entries(NAMESPACES)) {
    const labels = {
      'pod-security.kubernetes.io/enforce': standard,
      'pod-security.kubernetes.io/enforce-version': 'latest',
    };
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
    await apply(`/api/v1/namespaces/${name}`, body);
    // A pod is refused until its service account is there.
    await until(() => read(client, `/api/v1/namespaces/${name}/serviceaccounts/default`, signal));
  }
});

afterAll(async () => {
  for (const name of Object.values(NAMESPACES)) await goneWithPods(name);
});

const made: { readonly manifest: Manifest; readonly namespace: string }[] = [];
afterEach(async () => {
  for (const { manifest, namespace } of made.splice(0).toReversed()) await remove(manifest, namespace);
});

const asked = (stage: StageRequest['stage'], profile: ClusterProfile): StageRequest =>
  request(stage, profile, { run: freshRun(), attempt: 1, avoidNodes: ['gpu-9'] });

/** As rendered, with the runtime that a TrainJob needs before it. */
async function prepared(of: StageRequest, { owner, profile, namespace }: Case): Promise<readonly Manifest[]> {
  if (owner === 'trainjob')
    for (const withDevices of [true, false])
      await create(renderRuntime(templates, profile, withDevices), namespace);
  return renderStage(templates, of);
}

describe.for(CASES)('$name', (on) => {
  const { namespace, profile } = on;

  test.for(StageSchema.options)(
    '%s: the API server and every webhook accept it, tried and for real',
    async (stage) => {
      const of = asked(stage, profile);
      const manifests = await prepared(of, on);
      for (const manifest of manifests) {
        await apply(placeOf(manifest, namespace), manifest, { dryRun: 'All' });
        await create(manifest, namespace);
      }
      for (const manifest of manifests) expect(await changedByApplying(manifest, namespace)).toBe(false);
      await acceptsPod(of, namespace);
    },
  );

  test('the pods that its controller makes have all that was rendered', async () => {
    const of = asked('prepare', profile);
    for (const manifest of await prepared(of, on)) await create(manifest, namespace);
    const [pod] = await until(async () => {
      const found = await podsOf(jobName(of.run, 'prepare', 1), namespace);
      return found.length > 0 ? found : undefined;
    });
    expect(pod?.metadata.finalizers).toContain(FINALIZER);
    expectCarries(pod, renderPod(templates, of));
  });
});

describe.for(CASES.filter(({ owner }) => owner === 'trainjob'))('$name', (on) => {
  test('the JobSet that Trainer makes has as many pods as nodes, each as rendered', async () => {
    const { namespace, profile } = on;
    const of = asked('train', profile);
    for (const manifest of await prepared(of, on)) await create(manifest, namespace);
    const path = `/apis/jobset.x-k8s.io/v1alpha2/namespaces/${namespace}/jobsets/${jobName(of.run, 'train', 1)}`;
    const jobSet = (await until(() => read(client, path, signal))) as unknown as JobSet;
    const [{ template }] = jobSet.spec.replicatedJobs;
    expect(template.spec).toMatchObject({ completions: profile.nodes, parallelism: profile.nodes });
    expect(template.spec.template.metadata.finalizers).toContain(FINALIZER);
    expectCarries(template.spec.template, renderPod(templates, of));
  });
});

describe('what is accepted is not just anything:', () => {
  const named = (name: string) => {
    const found = PROFILES.find((profile) => profile.name === name);
    if (!found) throw new Error(`no profile ${name}`);
    return found;
  };

  test('the restricted namespace refuses a pod that uses folders of its node', async () => {
    const refused = acceptsPod(asked('train', named('gke-a3-mega-16')), NAMESPACES.restricted);
    await expect(refused).rejects.toThrow(/PodSecurity "restricted:latest"/);
  });

  test.for([
    ['jobset', /generated for this JobSet will exceed 63/],
    ['trainjob', /stint-h100-16-devices\W+not found/],
  ] as const)('a webhook refuses a %s that could not run', async ([owner, why]) => {
    const manifest = renderStage(templates, asked('train', ownedBy(owner, named('h100-16')))).at(-1);
    const name = 'x'.repeat(60);
    const broken = { ...manifest, metadata: { ...manifest?.metadata, name } } as Manifest;
    const path = placeOf(broken, NAMESPACES.restricted);
    await expect(apply(path, broken, { dryRun: 'All' })).rejects.toThrow(why);
  });
});

interface JobSet {
  readonly spec: {
    readonly replicatedJobs: readonly [
      { readonly template: { readonly spec: { readonly template: PodTemplate } & JsonObject } },
    ];
  };
}

/** Whether the object has all that the template says; controllers and defaults may add. */
function expectCarries(pod: PodTemplate | undefined, template: PodTemplate): void {
  expect(pod?.metadata.labels).toMatchObject(template.metadata.labels);
  expect(pod?.metadata.annotations).toMatchObject(template.metadata.annotations);
  const { tolerations, volumes, containers, ...rest } = template.spec;
  expect(pod?.spec).toMatchObject({ ...rest, containers });
  expect(pod?.spec.tolerations).toEqual(expect.arrayContaining(tolerations as unknown[]));
  const names = (of: unknown) => (of as readonly { readonly name: string }[]).map(({ name }) => name);
  expect(names(pod?.spec.volumes)).toEqual(expect.arrayContaining(names(volumes)));
}

/** Pod security is enforced on pods, not on what makes them. */
async function acceptsPod(of: StageRequest, namespace: string): Promise<void> {
  const { metadata, spec } = renderPod(templates, of);
  const name = `${jobName(of.run, of.stage, 1)}-0`;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec };
  await apply(`${podsIn(namespace)}/${name}`, pod, { dryRun: 'All' });
}

function apply(
  path: string,
  body: unknown,
  query: Readonly<Record<string, string>> = {},
): Promise<JsonObject> {
  return client.json({
    method: 'PATCH',
    path,
    query: { fieldManager: 'stint', fieldValidation: 'Strict', ...query },
    contentType: 'application/apply-patch+yaml',
    body,
    signal,
  });
}

async function create(manifest: Manifest, namespace: string): Promise<void> {
  made.push({ manifest, namespace });
  await apply(placeOf(manifest, namespace), manifest);
}

/** Controllers still write to a fresh object; only what nobody else touched in between tells. */
async function changedByApplying(manifest: Manifest, namespace: string): Promise<boolean> {
  const path = placeOf(manifest, namespace);
  const version = (object: JsonObject | undefined) =>
    (object as { metadata: { resourceVersion: string } } | undefined)?.metadata.resourceVersion;
  for (let tries = 0; tries < 20; tries++) {
    const before = version(await read(client, path, signal));
    if (version(await apply(path, manifest)) === before) return false;
    await sleep(250);
  }
  return true;
}

async function remove(manifest: Manifest, namespace: string): Promise<void> {
  await gone(placeOf(manifest, namespace));
  const job = manifest.metadata.labels?.[LABEL.job];
  if (job === undefined) return;
  await until(async () => {
    const pods = await podsOf(job, namespace);
    for (const { metadata } of pods) await letGo(`${podsIn(namespace)}/${metadata.name}`);
    return pods.length === 0 || undefined;
  });
}

async function podsOf(job: string, namespace: string) {
  const query = { labelSelector: `${LABEL.job}=${job}` };
  const { items } = await client.json({ path: podsIn(namespace), query, signal });
  return items as readonly (PodTemplate & { readonly metadata: { readonly name: string } })[];
}

/** Deletes, and waits until it is gone, whatever its finalizers wait for. */
async function gone(path: string): Promise<void> {
  await until(async () => {
    await letGo(path);
    return (await read(client, path, signal)) === undefined || undefined;
  });
}

/** A namespace goes when all that is in it has gone; pods that were made late still have their finalizers. */
async function goneWithPods(namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}`;
  await until(async () => {
    await letGo(path);
    const { items } = await client.json({ path: podsIn(namespace), signal });
    for (const { metadata } of items as readonly Named[])
      await letGo(`${podsIn(namespace)}/${metadata.name}`);
    return (await read(client, path, signal)) === undefined || undefined;
  }, 120);
}

interface Named {
  readonly metadata: { readonly name: string };
}

async function letGo(path: string): Promise<void> {
  if ((await read(client, path, signal)) === undefined) return;
  const ignoreMissing = () => undefined;
  await client
    .json({ method: 'DELETE', path, query: { propagationPolicy: 'Background' }, signal })
    .catch(ignoreMissing);
  const body = { metadata: { finalizers: null } };
  await client
    .json({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body, signal })
    .catch(ignoreMissing);
}

async function until<T>(look: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error(`did not come within ${seconds} s`);
}
