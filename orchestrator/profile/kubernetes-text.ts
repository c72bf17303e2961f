import { z } from 'zod';

/**
 * The forms of text that the API server, the kubelet and the container runtimes of Kubernetes 1.31 to 1.37 take: each
 * field of a profile that becomes part of an object has one of these. Where versions differ, the strictest is written down.
 *
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and labels/; k8s.io/apimachinery,
 * pkg/util/validation.
 */
const ENDS = 'a letter or digit at both ends';
const DNS_LABELS = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*';
const KEY_NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const NO_PARENT = '(?!\\.\\.?$|\\.\\.)';

const form = (pattern: string, expected: string) =>
  z.string().regex(new RegExp(`^${pattern}$`), `expected ${expected}`);

/** Of a namespace, a container, a volume within a pod: a DNS-1123 label. */
export const LabelName = form(
  '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?',
  `at most 63 lower-case letters, digits and "-", with ${ENDS}`,
);

/** Of a claim, a secret, a service account, a storage class: a DNS-1123 subdomain. */
export const ObjectName = form(
  `(?=.{1,253}$)${DNS_LABELS}`,
  `a name of lower-case letters, digits, "-" and ".", with ${ENDS} and around each "."`,
);

/** Of an object that others name in a label: a queue, a priority class. */
export const LabelledName = form(
  `(?=.{1,63}$)${DNS_LABELS}`,
  `a name of at most 63 lower-case letters, digits, "-" and ".", with ${ENDS} and around each "."`,
);

/** Of a label, an annotation, a taint, a level of a topology. */
export const LabelKey = form(
  `(?:(?=[^/]{1,253}/)${DNS_LABELS}/)?${KEY_NAME}`,
  `a key such as example.com/gpu: a domain and "/" if it has one, then at most 63 letters, digits, "-", "_" and ".", with ${ENDS}`,
);

export const LabelValue = form(
  `(?:${KEY_NAME})?`,
  `a label's value: at most 63 letters, digits, "-", "_" and ".", with ${ENDS}`,
);

/** Kubernetes 1.34 takes nearly anything here; versions before it, and shells, take this. */
export const VariableName = form(
  `${NO_PARENT}[-._A-Za-z][-._A-Za-z0-9]*`,
  'the name of a variable: letters, digits, "_", "-" and ".", not beginning with a digit or ".."',
);

/** Of a Secret's data. */
export const DataKey = form(
  `${NO_PARENT}[-._A-Za-z0-9]{1,253}`,
  'at most 253 letters, digits, "_", "-" and ".", not beginning with ".."',
);

/** Without a domain, or with that of Kubernetes, it would be Kubernetes' own; and quotas put "requests." before it. */
const EXTENDED = `(?!requests\\.)(?![^/]*kubernetes\\.io/)(?=[^/]{1,244}/)${DNS_LABELS}/${KEY_NAME}`;

/** What a device plugin offers. */
export const ExtendedResource = form(
  EXTENDED,
  "a device plugin's resource with its domain, such as nvidia.com/gpu or rdma/ib",
);

/** What pods ask for beside processors, memory and devices; the sizes are those of pages that processors have. */
export const NetworkResource = form(
  `(?:hugepages-(?:64Ki|2Mi|32Mi|512Mi|1Gi|16Gi)|${EXTENDED})`,
  'a resource with its domain, such as rdma/ib, or huge pages, such as hugepages-2Mi; processors and memory are set in node',
);

/** https://pkg.go.dev/github.com/distribution/reference: a first part without "." or a port is no host, but lower-case. */
const HOST_PART = '[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?';
const HOST = `(?:${HOST_PART}(?:\\.${HOST_PART})+(?::\\d{1,5})?|${HOST_PART}:\\d{1,5}|\\[[0-9a-fA-F:]+\\](?::\\d{1,5})?)/`;
const IMAGE_PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
export const ImageReference = form(
  `(?:${HOST})?(?=[^:@]{1,200}(?:$|[:@]))${IMAGE_PART}(?:/${IMAGE_PART})*(?::[A-Za-z0-9_][-.A-Za-z0-9_]{0,127})?(?:@sha256:[0-9a-f]{64})?`,
  'an image such as registry.example.com/team/trainer@sha256:…, without a scheme, and in lower case after its host',
);

/** Absolute, and with one way to write each place, so that two that are equal look so; a "/" at the end is no other place. */
export const AbsolutePath = z
  .string()
  .regex(
    /^(?=.{1,4096}$)\/(?:(?!\.{1,2}(?:\/|$))[^/:\p{Cc}\p{Cs}]{1,255}(?:\/|$))*$/u,
    'expected an absolute path without "..", "//", ":" and control characters',
  );

/** Of a variable, an argument or an annotation: any text that a process can be given as it was written. */
export const AnyText = z
  .string()
  .refine(
    (text) => !text.includes('\0') && text.isWellFormed(),
    'expected text without NUL and without half a surrogate pair: no process can be given those',
  );

/** capabilities(7), as Kubernetes writes them. */
export const Capability = z.enum([
  'ALL',
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'AUDIT_WRITE',
  'BLOCK_SUSPEND',
  'BPF',
  'CHECKPOINT_RESTORE',
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'IPC_OWNER',
  'KILL',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'MKNOD',
  'NET_ADMIN',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_RAW',
  'PERFMON',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYSLOG',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_CHROOT',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PACCT',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'WAKE_ALARM',
]);
