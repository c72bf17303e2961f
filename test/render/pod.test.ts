import { globSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { type ClusterProfile, ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import { LABEL } from '../../orchestrator/render/keys.ts';
import { renderPod, renderProfilePod } from '../../orchestrator/render/render-pod.ts';
import type { StageRequest } from '../../orchestrator/render/request.ts';
import { splitPod } from '../../orchestrator/render/split-pod.ts';
import { StageSchema } from '../../orchestrator/wire/job-spec.ts';
import { holdsDevices } from '../../orchestrator/wire/stage-traits.ts';
import { OWNERS, ownedBy, profile, request } from './requests.ts';

const templates = await loadTemplates();
const shipped = globSync('cluster/profiles/*.yaml')
  .map((path) => ClusterProfileSchema.parse(parse(readFileSync(path, 'utf8'))))
  .filter(({ backend }) => backend.kind === 'kubernetes');
const pod = (
  on: ClusterProfile,
  overrides: Partial<StageRequest> = {},
  stage: StageRequest['stage'] = 'train',
) => renderPod(templates, request(stage, on, overrides));

describe('a TrainJob’s runtime and patch together', () => {
  const cases = shipped.flatMap((on) => StageSchema.options.map((stage) => [on.name, stage, on] as const));

  test.for(cases)('are the pod: on %s, stage %s', ([, stage, on]) => {
    const whole = pod(ownedBy('trainjob', on), { avoidNodes: ['gpu-7'], attempt: 3 }, stage);
    expect(splitPod(renderProfilePod(templates, on, holdsDevices(stage))).rest).toEqual(splitPod(whole).rest);
  });
});

describe('the pod', () => {
  test('has what the cloud’s network adds where it holds devices, and there only', () => {
    const [gke] = shipped.filter(({ name }) => name === 'gke-a3-mega-16');
    if (gke?.backend.kind !== 'kubernetes') throw new Error('the profile is shipped');
    const added = Object.keys(gke.backend.pod?.annotations ?? {});
    const of = (stage: StageRequest['stage']) => Object.keys(pod(gke, {}, stage).metadata.annotations ?? {});
    expect(added.length).toBeGreaterThan(0);
    for (const stage of StageSchema.options)
      expect(added.every((name) => of(stage).includes(name))).toBe(holdsDevices(stage));
    expect(of('prepare').filter((name) => added.includes(name))).toEqual([]);
  });

  test('is the same under every owner but for its address and its container’s name', () => {
    const texts = OWNERS.map((owner) =>
      JSON.stringify(pod(ownedBy(owner, profile('h100'))))
        .replaceAll('-node-0-0.', '-0.')
        .replace('"name":"node"', '"name":"trainer"')
        .replace(/"subdomain":"[^"]*",/, ''),
    );
    expect(new Set(texts).size).toBe(1);
  });

  test('keeps off nodes that failed the run, and says nothing of nodes when there are none', () => {
    const { nodeAffinity } = pod(profile('h100'), { avoidNodes: ['b', 'a'] }).spec.affinity as {
      nodeAffinity: object;
    };
    expect(nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'NotIn', values: ['a', 'b'] }] },
        ],
      },
    });
    expect(pod(profile('h100'), {}, 'evaluate').spec.affinity).toBeUndefined();
  });

  test('keeps off failed nodes also where it may share its node, or is alone', () => {
    const shared = { ...profile('h100'), nodes: 1 };
    const { affinity } = pod(shared, { avoidNodes: ['a'] }).spec;
    expect(affinity).toMatchObject({ nodeAffinity: expect.anything() as unknown });
    expect(affinity).not.toHaveProperty('podAntiAffinity');
  });

  test('meets the others at the port that a profile of this machine names, or at any that is free', () => {
    const local = profile('local');
    const portOn = (rendezvousPort: number | 'auto') => {
      const { backend } = local;
      if (backend.kind !== 'local') throw new Error('the profile is of this machine');
      const at = pod({ ...local, backend: { ...backend, rendezvousPort } });
      return at.spec.containers[0]?.env?.find(({ name }) => name === 'MASTER_PORT');
    };
    expect(portOn(29_555)).toMatchObject({ value: '29555' });
    expect(portOn('auto')).toMatchObject({ value: '0' });
  });

  test('of a gang shares no node with another, unless the profile allows it', () => {
    const on = profile('h100');
    const apart = (of: ClusterProfile) =>
      (pod(of).spec.affinity as { podAntiAffinity?: object } | undefined)?.podAntiAffinity;
    expect(JSON.stringify(apart(on))).toContain(`"${LABEL.job}":"r-01jx3k2m9q-train-a2"`);
    expect(
      apart({ ...on, backend: { ...on.backend, onePodPerNode: false } } as ClusterProfile),
    ).toBeUndefined();
  });

  test('asks for the memory that the plan says, and never for more than its node has', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e13, noNaN: true }), (hostBytesPerNode) => {
        const on = profile('h100');
        const { plan } = request('train', on);
        const { resources } = pod(on, { plan: { ...plan, memory: { ...plan.memory, hostBytesPerNode } } })
          .spec.containers[0];
        const asked = bytes(resources.requests['memory'] ?? '');
        const wanted = hostBytesPerNode + on.node.sharedMemory;
        expect(asked).toBeLessThanOrEqual(on.node.memory);
        expect(asked).toBeGreaterThanOrEqual(Math.min(wanted, on.node.memory));
        expect(asked - wanted).toBeLessThan(2 ** 20);
      }),
    );
  });

  test('carries a secret by its name only, and CUDA’s defaults unless the profile sets them', () => {
    const on = profile('h100');
    const network = { ...on.network, env: { PYTORCH_ALLOC_CONF: 'max_split_size_mb:7' } };
    const { env } = pod({ ...on, network }).spec.containers[0];
    expect(env).toContainEqual({
      name: 'HF_TOKEN',
      valueFrom: { secretKeyRef: { name: 'hf-token', key: 'token' } },
    });
    expect(env.filter(({ name }) => name === 'PYTORCH_ALLOC_CONF')).toEqual([
      { name: 'PYTORCH_ALLOC_CONF', value: 'max_split_size_mb:7' },
    ]);
    expect(new Set(env.map(({ name }) => name)).size).toBe(env.length);
  });

  test('has a cloud’s overlay only where it holds devices', () => {
    const mega = shipped.find(({ name }) => name === 'gke-a3-mega-16');
    if (!mega) throw new Error('no such profile');
    const [daemon] = pod(mega).spec['initContainers'] as [{ restartPolicy: string; securityContext: object }];
    expect(daemon).toMatchObject({
      restartPolicy: 'Always',
      securityContext: { runAsUser: 0, capabilities: { add: ['NET_ADMIN', 'NET_BIND_SERVICE'] } },
    });
    const prepare = pod(mega, {}, 'prepare');
    expect(prepare.spec).not.toHaveProperty('initContainers');
    expect(JSON.stringify(prepare)).not.toContain('hostPath');
  });
});

describe('a profile is refused', () => {
  const raw = () =>
    parse(readFileSync('cluster/profiles/gke-a3-mega-16.yaml', 'utf8')) as { backend: Backend };
  interface Backend {
    podSecurity?: string;
    pod: { initContainers: { image: string }[] };
  }

  test('that uses the node’s folders under the restricted standard', () => {
    const document = raw();
    delete document.backend.podSecurity;
    expect(() => ClusterProfileSchema.parse(document)).toThrow(/podSecurity/);
  });

  test('whose side-car is named by a tag', () => {
    const document = raw();
    const [daemon] = document.backend.pod.initContainers;
    if (daemon) daemon.image = 'example.com/daemon:v1';
    expect(() => ClusterProfileSchema.parse(document)).toThrow(/pinned by digest/);
  });
});

function bytes(quantity: string): number {
  const [, digits, unit = ''] = /^(\d+)(\w*)$/.exec(quantity) ?? [];
  return Number(digits) * ({ '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? Number.NaN);
}
