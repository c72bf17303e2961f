import { z } from 'zod';
import { parseJson } from './parse-json.ts';

/** Why a pod ended, and whether trying again can help. */
export const ExitClassSchema = z.enum([
  'succeeded',
  'usage',
  'data',
  'missing-input',
  'numerics',
  'storage',
  'interrupted',
  'configuration',
  'out-of-memory',
  'infrastructure',
  'hung',
  'unfit',
  'unknown',
]);
export type ExitClass = z.infer<typeof ExitClassSchema>;

/** Exit code of each class (sysexits.h where a code of that meaning exists). */
export const EXIT_CODE_OF_CLASS = {
  succeeded: 0,
  usage: 64,
  data: 65,
  'missing-input': 66,
  numerics: 70,
  storage: 74,
  interrupted: 75,
  configuration: 78,
  'out-of-memory': 79,
  infrastructure: 80,
  /** No rank made progress for longer than a step can take; the trainer's first process ended them. */
  hung: 81,
  /** The machines were measured before training, and are not what the cluster profile says. Others may be. */
  unfit: 82,
  unknown: 1,
} as const satisfies Readonly<Record<ExitClass, number>>;

/** A new attempt would end the same way. */
export const NOT_RETRIED: readonly ExitClass[] = [
  'usage',
  'data',
  'missing-input',
  'numerics',
  'storage',
  'configuration',
  'out-of-memory',
];

/** What the control plane would not try again on the same nodes, its own word for what nobody can explain included. */
export const EXIT_CODES_NOT_RETRIED: readonly number[] = ([...NOT_RETRIED, 'unfit', 'unknown'] as const)
  .map((name) => EXIT_CODE_OF_CLASS[name])
  .toSorted((a, b) => a - b);

/** The termination message: at most 4,096 bytes, because Kubernetes keeps no more. */
export const TerminationSchema = z.object({
  exitClass: ExitClassSchema,
  /** What happened, where, and what to do; for a person. */
  message: z.string(),
  /** Last optimizer step whose result is kept, where the stage has steps. */
  step: z.int().nonnegative().optional(),
  /** Rank that failed first. */
  rank: z.int().nonnegative().optional(),
  /** sha256 of the stage's manifest, when it succeeded. */
  manifest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
});
export type Termination = z.infer<typeof TerminationSchema>;

/** Undefined where a text is no message of the contract. */
export const parseTermination = (text: string): Termination | undefined =>
  TerminationSchema.safeParse(parseJson(text)).data;
