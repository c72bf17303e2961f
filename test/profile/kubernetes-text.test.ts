import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import type { StintError } from '../../orchestrator/errors/stint-error.ts';
import { ClusterProfileSchema } from '../../orchestrator/profile/cluster-profile.ts';
import {
  isOfTheContract,
  TEMPLATE_CONTAINERS,
  TEMPLATE_MOUNTS,
  TEMPLATE_VOLUMES,
} from '../../orchestrator/profile/pod-template-parts.ts';
import { renderPod } from '../../orchestrator/render/render-pod.ts';
import { OWNERS, ownedBy, profile, request } from '../render/requests.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { EVERY_FIELD, ODD_TEXTS, placeText, textAt, textPlaces, withText } from './every-field.ts';

/** Words for people and other programs. Each text that is not named here becomes a part that Kubernetes has a form for. */
const NEVER_IN_AN_OBJECT = ['description', 'price.source', 'price.currency', 'capacity.region'];
const ANY_TEXT = [
  'backend.context',
  'backend.pod.annotations.<value>',
  'backend.pod.initContainers.0.command.0',
  'backend.pod.initContainers.0.args.0',
  'backend.pod.initContainers.0.env.<value>',
  'backend.workFolder',
  'device.model',
  'network.env.<value>',
];
const MAY_BE_EMPTY = ['backend.nodeSelector.<value>', 'backend.tolerations.0.value'];
const MAY_HAVE_SPACES = /(mountPath|hostPath|memory|sharedMemory)$/;

/** No process can be given these. */
const UNWRITABLE = ['a\u0000b', 'a\ud800b'];
const HOPELESS = [...UNWRITABLE, 'a\nb', 'a\u0085b', 'ü=ß', '..', '*?'];

const PLACES = textPlaces(ClusterProfileSchema);
const isTaken = (document: unknown) => ClusterProfileSchema.safeParse(document).success;

describe('a profile with every field', () => {
  test('is one, and has a text at every place of the schema', () => {
    expect(ClusterProfileSchema.safeParse(EVERY_FIELD).error?.issues).toBeUndefined();
    const missing = PLACES.filter((place) => typeof textAt(EVERY_FIELD, place) !== 'string');
    expect(missing.map(placeText)).toEqual([]);
    const named = [...NEVER_IN_AN_OBJECT, ...ANY_TEXT, ...MAY_BE_EMPTY];
    expect(named.filter((name) => !PLACES.map(placeText).includes(name))).toEqual([]);
  });

  const judged = PLACES.map((place) => [placeText(place), place] as const).filter(
    ([name]) => !NEVER_IN_AN_OBJECT.includes(name),
  );
  test.for(judged)('takes no text at %s that no object of Kubernetes can have there', ([name, place]) => {
    const hopeless = ANY_TEXT.includes(name)
      ? UNWRITABLE
      : [
          ...HOPELESS,
          ...(MAY_BE_EMPTY.includes(name) ? [] : ['']),
          ...(MAY_HAVE_SPACES.test(name) ? [] : [' ', 'my queue']),
        ];
    expect(hopeless.filter((text) => isTaken(withText(EVERY_FIELD, place, text)))).toEqual([]);
  });

  test('takes some odd texts at some places, and refuses most', () => {
    const taken = PLACES.flatMap((place) =>
      ODD_TEXTS.filter((text) => isTaken(withText(EVERY_FIELD, place, text))),
    );
    expect(taken.length).toBeGreaterThan(PLACES.length);
    expect(taken.length).toBeLessThan((PLACES.length * ODD_TEXTS.length) / 2);
  });
});

describe('is refused with file and line', () => {
  type Change = (document: Document) => void;
  /** As a file: any field may become anything. */
  interface Document {
    backend: {
      queue: unknown;
      nodeSelector: unknown;
      volumes: unknown;
      secrets: unknown;
      tolerations: unknown;
      pod: Record<'annotations' | 'hostVolumes' | 'volumeMounts' | 'initContainers', unknown>;
    };
    device: { resource?: unknown };
    network: { env: unknown; resources: unknown };
  }
  const daemon = (change: object) => ({ ...EVERY_FIELD.backend.pod.initContainers[0], ...change });
  const mount = (mountPath: string) => ({ name: 'drivers', mountPath });

  test.for<[string, Change, RegExp]>([
    [
      'a queue with a space',
      (d) => (d.backend.queue = { name: 'my queue' }),
      /backend\.queue\.name is "my queue"/,
    ],
    [
      'a selector with spaces',
      (d) => (d.backend.nodeSelector = { gpu: 'NVIDIA H100 80GB' }),
      /nodeSelector\.gpu/,
    ],
    [
      'a selector key that is none',
      (d) => (d.backend.nodeSelector = { 'a/b/c': 'x' }),
      /field name "a\/b\/c"/,
    ],
    ['a variable with "="', (d) => (d.network.env = { 'A=B': '1' }), /network\.env has the field name "A=B"/],
    ['a resource without a domain', (d) => (d.network.resources = { rdma: 1 }), /"rdma"/],
    ['memory as a resource of the network', (d) => (d.network.resources = { memory: '1Gi' }), /"memory"/],
    ['processors as a resource of the network', (d) => (d.network.resources = { cpu: 1 }), /"cpu"/],
    [
      'devices as a resource of the network',
      (d) => (d.network.resources = { 'nvidia.com/gpu': 1 }),
      /nvidia\.com\/gpu/,
    ],
    ['half a huge page', (d) => (d.network.resources = { 'hugepages-1Gi': '512Mi' }), /multiple of 1Gi/],
    ['more than can be counted', (d) => (d.network.resources = { 'rdma/ib': '9999999Ti' }), /less than/],
    ['devices that are memory', (d) => (d.device.resource = 'memory'), /device\.resource is "memory"/],
    ['devices without a resource', (d) => delete d.device.resource, /device\.resource is missing/],
    [
      'two claims at one place',
      (d) =>
        (d.backend.volumes = ['a', 'b/'].map((claim) => ({
          claim: 'a',
          mountPath: `/data${claim.slice(1)}`,
        }))),
      /volumes\[1\]\.mountPath.*\n?.*nothing else is mounted/,
    ],
    [
      'a claim where the overlay mounts',
      (d) => (d.backend.volumes = [{ claim: 'a', mountPath: '/usr/local/nvidia/' }]),
      /pod\.volumeMounts\[0\]\.mountPath/,
    ],
    [
      'a claim in the work folder',
      (d) => (d.backend.volumes = [{ claim: 'a', mountPath: '/var/lib/stint/work/data' }]),
      /work volume/,
    ],
    [
      'a claim over the work folder',
      (d) => (d.backend.volumes = [{ claim: 'a', mountPath: '/var/lib' }]),
      /work volume/,
    ],
    [
      'a claim over the code',
      (d) => (d.backend.volumes = [{ claim: 'a', mountPath: '/opt' }]),
      /trainer itself/,
    ],
    [
      'a mount over shared memory',
      (d) => (d.backend.pod.volumeMounts = [mount('/dev/shm/')]),
      /shared memory/,
    ],
    [
      'a mount at the root',
      (d) => (d.backend.pod.initContainers = [daemon({ volumeMounts: [mount('/')] })]),
      /other than \//,
    ],
    [
      'a mount of no volume',
      (d) => (d.backend.pod.volumeMounts = [{ name: 'none', mountPath: '/x' }]),
      /one of the pod's volumes: work/,
    ],
    [
      'an init container named trainer',
      (d) => (d.backend.pod.initContainers = [daemon({ name: 'trainer' })]),
      /no other container/,
    ],
    [
      'two init containers of a name',
      (d) => (d.backend.pod.initContainers = [daemon({}), daemon({})]),
      /initContainers\[1\]\.name/,
    ],
    [
      'a volume named as the template’s',
      (d) => (d.backend.pod.hostVolumes = ['drivers', 'shm'].map((name) => ({ name, hostPath: '/x' }))),
      /no other volume/,
    ],
    [
      'a secret for a variable of the network',
      (d) => (d.backend.secrets = [{ env: 'NCCL_IB_HCA', secret: 'a', key: 'b' }]),
      /secrets\[0\]\.env/,
    ],
    [
      'two secrets for one variable',
      (d) => (d.backend.secrets = ['a', 'b'].map((key) => ({ env: 'TOKEN', secret: 'a', key }))),
      /secrets\[1\]\.env/,
    ],
    ['a variable of the stage contract', (d) => (d.network.env = { MASTER_PORT: '1' }), /MASTER_PORT/],
    [
      'a secret for one',
      (d) => (d.backend.secrets = [{ env: 'STINT_RUN', secret: 'a', key: 'b' }]),
      /secrets\[0\]\.env/,
    ],
    [
      'an annotation of the queue',
      (d) => (d.backend.pod.annotations = { 'kueue.x-k8s.io/podset-preferred-topology': 'a' }),
      /nobody else/,
    ],
    [
      'a profile for no container',
      (d) =>
        (d.backend.pod.annotations = { 'container.apparmor.security.beta.kubernetes.io/x': 'unconfined' }),
      /trainer, node, daemon/,
    ],
    [
      'a toleration that compares nothing',
      (d) => (d.backend.tolerations = [{ key: 'a', operator: 'Exists', value: 'b' }]),
      /tolerations\[0\]\.value/,
    ],
    ['more nodes than names', (d) => Object.assign(d, { nodes: 10_001 }), /nodes is 10001/],
    ['a grace beyond counting', (d) => Object.assign(d, { grace: `${'9'.repeat(40)}s` }), /grace/],
    [
      'a capability that is none',
      (d) => (d.backend.pod.initContainers = [daemon({ capabilities: ['CAP_NET_ADMIN'] })]),
      /capabilities\[0\]/,
    ],
  ])('%s', async ([, change, said]) => {
    const document = structuredClone(EVERY_FIELD) as unknown as Document;
    change(document);
    const file = join(temporaryFolder(), 'cluster.yaml');
    writeFileSync(file, stringify(document));
    const refused = await loadProfile(file).then(
      () => [],
      (error: unknown) => (error as StintError).problems,
    );
    expect(refused).toHaveLength(1);
    const [only] = refused;
    expect(only?.where).toMatch(/cluster\.yaml:\d+:\d+$/);
    expect(`${only?.what}, ${only?.why}`).toMatch(said);
  });
});

test('what the profile may not replace is what the job template has', async () => {
  const templates = await loadTemplates();
  for (const owner of OWNERS) {
    const { spec } = renderPod(templates, request('train', ownedBy(owner, profile('h100'))));
    const [{ name, env, volumeMounts }] = spec.containers;
    expect(TEMPLATE_CONTAINERS).toContain(name);
    expect((spec.volumes as { name: string }[]).map((volume) => volume.name)).toEqual(TEMPLATE_VOLUMES);
    expect((volumeMounts as { mountPath: string }[]).map(({ mountPath }) => mountPath)).toEqual(
      Object.keys(TEMPLATE_MOUNTS),
    );
    const own = env.map((variable) => variable.name).filter(isOfTheContract);
    const before = env.findIndex((variable) => !isOfTheContract(variable.name));
    expect(own).toHaveLength(before);
  }
});
