import { z } from 'zod';
import { KubernetesSchema } from '../../orchestrator/profile/kubernetes-backend.ts';

/** A cluster profile as it is written, in which every field that a Kubernetes profile can have is there. */
export const EVERY_FIELD = {
  kind: 'ClusterProfile',
  name: 'every-field',
  description: 'all of it',
  backend: {
    kind: 'kubernetes',
    context: 'production',
    namespace: 'training',
    owner: 'jobset',
    volumeClaim: 'stint-work',
    workFolder: '/mnt/stint-work',
    storageClass: 'shared',
    nodeSelector: { 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3' },
    tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'training', effect: 'NoSchedule' }],
    serviceAccount: 'default',
    queue: {
      name: 'training',
      priorityClass: 'urgent',
      topology: { level: 'cloud.provider.com/topology-block', demand: 'required' },
    },
    onePodPerNode: true,
    volumes: [{ claim: 'datasets', mountPath: '/data' }],
    secrets: [{ env: 'HF_TOKEN', secret: 'hf-token', key: 'token' }],
    pod: {
      annotations: { 'networking.example.com/interfaces': 'eth0' },
      hostNetwork: false,
      hostVolumes: [{ name: 'drivers', hostPath: '/home/kubernetes/bin/nvidia' }],
      volumeMounts: [{ name: 'drivers', mountPath: '/usr/local/nvidia', readOnly: true }],
      initContainers: [
        {
          name: 'daemon',
          image: 'registry.example.com/net/daemon:1.2',
          command: ['/entrypoint.sh'],
          args: ['--num_hops=2'],
          env: { LD_LIBRARY_PATH: '/usr/local/nvidia/lib64' },
          sidecar: true,
          capabilities: ['NET_ADMIN'],
          volumeMounts: [{ name: 'drivers', mountPath: '/usr/local/nvidia', readOnly: true }],
        },
      ],
    },
    podSecurity: 'privileged',
    deadlines: {
      pending: '10min',
      imagePull: '5min',
      nodeLost: '90s',
      hang: '120s',
      terminating: '3min',
      quotaWithoutPods: '5min',
    },
    fenceLostNodes: false,
    images: { trainer: 'registry.example.com/stint/trainer:1', allowTags: true },
  },
  nodes: 2,
  devicesPerNode: 8,
  device: {
    kind: 'gpu',
    model: 'H100-SXM5-80GB',
    memory: '80GiB',
    peakTflops: 989.4,
    resource: 'nvidia.com/gpu',
  },
  node: { cpus: 96, memory: '960GiB', sharedMemory: '64GiB' },
  network: {
    ringGBps: 340,
    nodeGBps: 300,
    env: { NCCL_IB_HCA: 'ibp' },
    resources: { 'rdma/ib': '1Ki' },
  },
  floors: { gemmTflops: 380, ringGBps: 170, diskMBps: 500 },
  capacity: { type: 'reserved', region: 'us-east-1' },
  price: { currency: 'USD', perDeviceHour: '2.69', source: 'a test' },
  workCapacity: '10TiB',
  startup: '2min',
  grace: '5min',
} as const;

/** Where a text stands: fields and indexes; of a map, the name or the value of its first entry. */
export type Place = readonly (string | number | typeof NAME | typeof VALUE)[];
export const NAME = Symbol('the name of the first entry');
export const VALUE = Symbol('the value of the first entry');

/** Every place of a schema where a person writes text; of the backends, Kubernetes. */
export function textPlaces(schema: z.core.$ZodType, at: Place = []): readonly Place[] {
  if (schema instanceof z.ZodString) return [at];
  if (NEVER_TEXT.some((kind) => schema instanceof kind)) return [];
  const parts = partsOf(schema);
  if (parts === undefined)
    throw new Error(`${at.map(String).join('.')}: the walk does not know ${schema.constructor.name}`);
  return parts.flatMap(([part, inner]) => textPlaces(inner, [...at, ...part]));
}

const NEVER_TEXT = [z.ZodEnum, z.ZodLiteral, z.ZodNumber, z.ZodBoolean];
type Part = readonly [Place, z.core.$ZodType];

function partsOf(schema: z.core.$ZodType): readonly Part[] | undefined {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).map(([key, field]): Part => [[key], field as z.core.$ZodType]);
  if (schema instanceof z.ZodRecord)
    return [
      [[NAME], schema.keyType],
      [[VALUE], schema.valueType],
    ];
  if (schema instanceof z.ZodArray) return [[[0], schema.element]];
  if (schema instanceof z.ZodDiscriminatedUnion) return [[[], KubernetesSchema]];
  if (schema instanceof z.ZodUnion)
    return schema.options.map((option: z.core.$ZodType): Part => [[], option]);
  const inner = schema instanceof z.ZodPipe ? schema.in : unwrapped(schema);
  return inner && [[[], inner]];
}

const unwrapped = (schema: z.core.$ZodType): z.core.$ZodType | undefined =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? schema.unwrap()
    : undefined;

type Json = Record<string | number, unknown>;

/** What stands at a place. */
export function textAt(document: unknown, [part, ...rest]: Place): unknown {
  if (part === undefined) return document;
  if (typeof document !== 'object' || document === null) return undefined;
  if (part === NAME) return Object.keys(document)[0];
  if (part === VALUE) return textAt(Object.values(document)[0], rest);
  return textAt((document as Json)[part as string], rest);
}

/** The document with another text at a place. */
export function withText(document: unknown, [part, ...rest]: Place, text: string): unknown {
  if (part === undefined) return text;
  const object = document as Json;
  if (Array.isArray(document))
    return document.map((item: unknown, index) => (index === part ? withText(item, rest, text) : item));
  const [first, ...others] = Object.entries(object);
  if (part === NAME) return Object.fromEntries([[text, first?.[1]], ...others]);
  if (part === VALUE) return Object.fromEntries([[first?.[0], withText(first?.[1], rest, text)], ...others]);
  return { ...object, [part as string]: withText(object[part as string], rest, text) };
}

export const placeText = (place: Place): string =>
  place.map((part) => (part === NAME ? '<name>' : part === VALUE ? '<value>' : String(part))).join('.');

/** What people paste, mistype and generate. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  'my queue',
  'NVIDIA H100 80GB',
  'A=B',
  'Upper',
  'under_score',
  'a..b',
  'a.-b',
  '-a',
  'a-',
  '.a',
  'a.',
  '..',
  '../../etc',
  'a/b/c',
  '/a',
  'a/',
  '/',
  'a:b',
  'a@b',
  'ümlaut',
  '名前',
  '😀',
  'a\nb',
  'a\tb',
  'a\u0000b',
  'a\u0085b',
  'a\u2028b',
  'a\ud800b',
  '\ufeffa',
  '~',
  'null',
  'true',
  'no',
  '1',
  '0o17',
  '1e3',
  '${run:string}',
  '$(HOME)',
  '"quoted"',
  "it's",
  'a,b',
  '*',
  'x'.repeat(63),
  'x'.repeat(64),
  'x'.repeat(254),
  `${'x'.repeat(60)}.${'x'.repeat(60)}`,
  `example.com/${'x'.repeat(64)}`,
  'kubernetes.io/hostname',
  'requests.nvidia.com/gpu',
  'cpu',
  'memory',
  'hugepages-2Mi',
  'hugepages-3Mi',
  'ephemeral-storage',
  'trainer',
  'node',
  'work',
  'extra-0',
  'STINT_RUN',
  'NCCL_IB_HCA',
  '1VARIABLE',
  'a-b.c',
  '/dev/shm',
  '/etc/stint/deeper',
  '/var/lib',
  '/proc/self',
  '/data',
  '/data/',
  '/a:b',
  '/a/../b',
  'https://registry.example.com/image',
  'Registry.example.com/Image',
  'registry.example.com:5000/image:tag',
  'image:tag:tag',
  `image@sha256:${'0'.repeat(63)}`,
  'CAP_NET_ADMIN',
  'kueue.x-k8s.io/podset-preferred-topology',
  'container.apparmor.security.beta.kubernetes.io/nobody',
  'controller.kubernetes.io/pod-deletion-cost',
  'kubernetes.io/config.mirror',
  '9999999999999Ti',
  '1.5Gi',
  '0Mi',
];
