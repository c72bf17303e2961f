import { describe, expect, test } from 'vitest';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import { PodOverlaySchema } from '../../orchestrator/profile/pod-overlay.ts';
import { containerEnvironment } from '../../orchestrator/render/environment.ts';
import { jobSpecText, type RunDecision } from '../../orchestrator/render/job-spec.ts';
import { COMPLETION_INDEX } from '../../orchestrator/render/keys.ts';
import { runLabels } from '../../orchestrator/render/labels.ts';
import { configName, jobName, podAddress, runtimeName } from '../../orchestrator/render/names.ts';
import { overlay } from '../../orchestrator/render/overlay.ts';
import { queueLabels, suspended, topologyAnnotations } from '../../orchestrator/render/queue.ts';
import { profile, recipe, request } from './requests.ts';

const on = profile('h100');
const local = profile('local');
if (on.backend.kind !== 'kubernetes') throw new Error('the profile is on Kubernetes');
const { backend } = on;
/** The profile with another backend. */
const withBackend = (change: Partial<typeof backend>): ClusterProfile => ({
  ...on,
  backend: { ...backend, ...change },
});
const valuesOf = (of: ClusterProfile, withDevices = true) =>
  Object.fromEntries(
    containerEnvironment(of, withDevices).map((one) => [
      one.name,
      'value' in one ? one.value : one.valueFrom.secretKeyRef,
    ]),
  );

describe('the queue', () => {
  const QUEUE = 'kueue.x-k8s.io/queue-name';

  test('admits stages that hold devices, and is told their class and their time where they have them', () => {
    expect(queueLabels(request('train', on))).toEqual({
      [QUEUE]: 'h100-train',
      'kueue.x-k8s.io/priority-class': 'prod',
      'kueue.x-k8s.io/max-exec-time-seconds': '2700',
    });
    const plain = withBackend({ queue: { name: 'q' } });
    expect(queueLabels(request('evaluate', plain))).toStrictEqual({ [QUEUE]: 'q' });
    expect(queueLabels(request('export', on))).toEqual({});
    expect(queueLabels(request('train', local))).toEqual({});
    const waits = (stage: 'train' | 'prepare', of: ClusterProfile) => suspended(request(stage, of));
    expect([
      waits('train', on),
      waits('prepare', on),
      waits('train', withBackend({ queue: undefined })),
    ]).toEqual([true, undefined, undefined]);
  });

  test('keeps a gang together where the profile asks for it: required or preferred, and never one pod alone', () => {
    const topology = (demand: 'required' | 'preferred') =>
      withBackend({ queue: { name: 'q', topology: { level: 'block', demand } } });
    expect(topologyAnnotations(request('train', topology('required')))).toEqual({
      'kueue.x-k8s.io/podset-required-topology': 'block',
    });
    expect(topologyAnnotations(request('train', topology('preferred')))).toEqual({
      'kueue.x-k8s.io/podset-preferred-topology': 'block',
    });
    expect(topologyAnnotations(request('evaluate', topology('required')))).toEqual({});
    expect(topologyAnnotations(request('train', { ...topology('required'), nodes: 1 }))).toEqual({});
    expect(topologyAnnotations(request('train', withBackend({ queue: { name: 'q' } })))).toEqual({});
    expect(topologyAnnotations(request('train', local))).toEqual({});
  });
});

describe('the environment', () => {
  test('on CUDA lets a failed collective end its process and leave its last ones behind', () => {
    expect(valuesOf(on)).toEqual({
      TORCH_NCCL_ASYNC_ERROR_HANDLING: '1',
      PYTORCH_ALLOC_CONF: 'expandable_segments:True',
      NCCL_IB_HCA: 'ibp',
      NCCL_SOCKET_IFNAME: 'eth0',
      HF_TOKEN: { name: 'hf-token', key: 'token' },
    });
    expect(Object.keys(valuesOf(on, false)).toSorted()).toEqual([
      'HF_TOKEN',
      'NCCL_IB_HCA',
      'NCCL_SOCKET_IFNAME',
    ]);
  });

  test('on processors says how many threads each process may have', () => {
    if (local.backend.kind !== 'local') throw new Error('the profile is local');
    expect(valuesOf({ ...local, backend: { ...local.backend, threadsPerProcess: 3 } })).toEqual({
      OMP_NUM_THREADS: '3',
    });
    const cpus = (count: number) =>
      valuesOf({ ...on, device: { ...local.device }, node: { ...on.node, cpus: count } })['OMP_NUM_THREADS'];
    expect([cpus(96), cpus(20), cpus(4)]).toEqual(['12', '2', '1']);
  });

  test('takes a secret’s value for that of a variable of the same name', () => {
    const secrets = [{ env: 'NCCL_IB_HCA', secret: 's', key: 'k' }];
    const named = { ...on, backend: { ...backend, secrets } };
    expect(containerEnvironment(named, true).filter(({ name }) => name === 'NCCL_IB_HCA')).toEqual([
      { name: 'NCCL_IB_HCA', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ]);
  });
});

describe('what the profile adds to a pod', () => {
  const daemon = {
    name: 'daemon',
    image: `example.com/daemon@sha256:${'2'.repeat(64)}`,
    env: { LEVEL: 'info' },
    volumeMounts: [{ name: 'drivers', mountPath: '/d' }],
  };
  const pod = PodOverlaySchema.parse({
    hostNetwork: true,
    hostVolumes: [{ name: 'drivers', hostPath: '/opt/drivers' }],
    volumeMounts: [
      { name: 'drivers', mountPath: '/drivers' },
      { name: 'drivers', mountPath: '/w', readOnly: false },
    ],
    initContainers: [
      daemon,
      { ...daemon, name: 'root', command: ['run'], args: ['-v'], sidecar: true, capabilities: ['NET_ADMIN'] },
    ],
  });
  const added = withBackend({ pod, volumes: [{ claim: 'data', mountPath: '/data' }] });

  test('stands in pods with devices: folders of the node, its network, containers before the trainer’s', () => {
    const drivers = { name: 'drivers', mountPath: '/d', readOnly: true };
    const { volumes, volumeMounts, initContainers, hostNetwork, dnsPolicy } = overlay(added, true);
    const [claim] = volumes;
    expect(volumes).toEqual([
      { name: claim?.name, persistentVolumeClaim: { claimName: 'data', readOnly: true } },
      { name: 'drivers', hostPath: { path: '/opt/drivers' } },
    ]);
    expect(volumeMounts).toEqual([
      { name: claim?.name, mountPath: '/data', readOnly: true },
      { name: 'drivers', mountPath: '/drivers', readOnly: true },
      { name: 'drivers', mountPath: '/w' },
    ]);
    expect([hostNetwork, dnsPolicy]).toEqual([true, 'ClusterFirstWithHostNet']);
    const { name, image } = daemon;
    expect(initContainers).toEqual([
      {
        name,
        image,
        args: [],
        env: [{ name: 'LEVEL', value: 'info' }],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [drivers],
      },
      {
        name: 'root',
        image,
        command: ['run'],
        args: ['-v'],
        env: [{ name: 'LEVEL', value: 'info' }],
        restartPolicy: 'Always',
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
          runAsNonRoot: false,
          runAsUser: 0,
        },
        volumeMounts: [drivers],
      },
    ]);
  });

  test('is but the claims in pods without devices, and nothing on this machine', () => {
    const claims = overlay(added, false);
    expect(claims).toMatchObject({ initContainers: undefined, hostNetwork: undefined, dnsPolicy: undefined });
    expect([claims.volumes.length, claims.volumeMounts.length]).toEqual([1, 1]);
    expect(overlay(local, true)).toMatchObject({ volumes: [], volumeMounts: [], initContainers: undefined });
  });
});

describe('names', () => {
  test('are those by which objects and pods are found', () => {
    expect(jobName('r-1', 'train', 3)).toBe('r-1-train-a3');
    expect(configName('r-1')).toBe('r-1-spec');
    expect(podAddress('job', 'j', 2)).toBe('j-2.j');
    expect(podAddress('jobset', 'j', 2)).toBe('j-node-0-2.j');
    expect(runtimeName({ ...on, name: 'h100.16.eu' }, true)).toBe('stint-h100-16-eu-devices');
    expect(runtimeName(on, false)).toBe('stint-h100-16-processors');
  });

  test('of a pod’s place in its gang is Kubernetes’ own, where the pod and whoever watches it read it', async () => {
    const { pod } = await loadTemplates();
    expect(COMPLETION_INDEX).toBe('batch.kubernetes.io/job-completion-index');
    expect(JSON.stringify(pod)).toContain(`metadata.annotations['${COMPLETION_INDEX}']`);
  });

  test('have 45 characters at most, all of a DNS label, or say what is wrong', () => {
    const longest = 'r'.repeat(45 - '-train-a1'.length);
    expect(jobName(longest, 'train', 1)).toHaveLength(45);
    expect(() => jobName(`${longest}r`, 'train', 1)).toThrow(
      expect.objectContaining({
        problems: [
          expect.objectContaining({
            code: 'bad-run-id',
            where: `${longest}r`,
            what: `the run id "${longest}r" makes the object name "${longest}r-train-a1", which Kubernetes refuses`,
            why: expect.stringContaining('at most 45 characters here'),
            todo: 'use a shorter run id of such characters',
          }),
        ],
      }),
    );
    for (const bad of ['-r', '1r', 'R', 'r_1', 'r1_x', 'r1.x'])
      expect(() => configName(bad)).toThrow('Kubernetes refuses');
  });

  test('of teams, projects and cost centers are labels where the recipe has them, and of the digest twelve digits', () => {
    const decision = request('train', on);
    expect(runLabels({ ...decision, recipeDigest: `sha256:${'0123456789abcdef'.repeat(4)}` })).toEqual({
      'stint.dev/run': 'r-01jx3k2m9q',
      'stint.dev/recipe': 's1-tiny',
      'stint.dev/recipe-digest': '0123456789ab',
      'stint.dev/team': 'reasoning',
      'stint.dev/project': 'lengths',
      'stint.dev/cost-center': 'cc-4711',
    });
    const { team: _, project: __, costCenter: ___, ...nobodys } = recipe;
    expect(Object.keys(runLabels({ ...decision, recipe: nobodys }))).toEqual([
      'stint.dev/run',
      'stint.dev/recipe',
      'stint.dev/recipe-digest',
    ]);
  });
});

describe('the job specification', () => {
  const spec = (of: ClusterProfile) =>
    JSON.parse(jobSpecText(request('train', of))) as Record<string, unknown>;

  test('has what the trainer is measured against in base units', () => {
    expect(spec(on)).toMatchObject({
      device: 'cuda',
      world: { nodes: 2, devicesPerNode: 8 },
      peakTflops: 989.4,
      hangSeconds: backend.deadlines.hang,
      floors: { gemmFlopsPerSecond: 350e12, ringBytesPerSecond: 170e9, diskBytesPerSecond: 200e6 },
      expected: {
        stepSeconds: 2,
        computeSeconds: 1.9,
        networkSeconds: 0.4,
        mfu: 0.4,
        memoryBytes: 6e8,
        ringBytesPerSecond: 350e9,
      },
    });
    const { gemmFlopsPerSecond } = spec(on)['expected'] as { gemmFlopsPerSecond: number };
    expect(gemmFlopsPerSecond / 989.4e12).toBeCloseTo(recipe.training.compile ? 0.68 : 0.6, 9);
  });

  test('has no floors where the profile has none, and waits two minutes for a hang on this machine', () => {
    expect(spec(local)).toMatchObject({ device: 'cpu', floors: null, hangSeconds: 120 });
    expect(jobSpecText(request('train', local))).toMatch(/\}\n$/);
  });

  test('waits as long for a hang as the profile says', () => {
    const patient = withBackend({ deadlines: { ...backend.deadlines, hang: 601 } });
    expect(spec(patient)).toMatchObject({ hangSeconds: 601 });
  });

  test('of an evaluation has what is asked, and nothing of a training', () => {
    const asked = { kind: 'Evaluation', name: 'again' } as RunDecision['recipe'];
    const of = request('evaluate', on, { recipe: asked });
    expect(JSON.parse(jobSpecText(of))).toEqual({
      run: of.run,
      recipe: asked,
      recipeDigest: of.recipeDigest,
      inputs: of.inputs,
      world: { nodes: 2, devicesPerNode: 8 },
      device: 'cuda',
    });
  });
});
