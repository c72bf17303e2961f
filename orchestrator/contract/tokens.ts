import { z } from 'zod';
import { Name } from '../recipe/name.ts';
import type { Exchange } from './exchange.ts';
import { Instant } from './page.ts';
import { ROLES } from './roles.ts';

const TokenRow = z
  .strictObject({
    name: z.string().meta({ description: 'Who has it: a person, or a program.' }),
    role: z.enum(ROLES),
    team: z.string().nullable().meta({ description: 'The one team that it is for; null: all.' }),
    run: z.string().nullable().meta({
      description: 'The one run for which it reports, which is all that it may do then; null: of none.',
    }),
    createdAt: Instant,
    expiresAt: Instant.nullable(),
    state: z.enum(['valid', 'expired', 'revoked']),
  })
  .meta({ id: 'Token' });
export type TokenAnswer = z.infer<typeof TokenRow>;

const listTokens = {
  summary: 'Who may ask this server, and for what',
  input: z.strictObject({}),
  answer: z.strictObject({ tokens: z.array(TokenRow) }).meta({ id: 'Tokens' }),
} as const satisfies Exchange;

/** A century: more than any use, and far below where dates end. */
export const MOST_DAYS = 36_500;

const createToken = {
  summary: 'Make a token; its text is in this answer alone',
  input: z.strictObject({
    name: Name,
    role: z.enum(ROLES).default('operator'),
    team: Name.optional(),
    run: z.string().optional().meta({
      description: 'A token that reports for this run, and may do nothing else. Role and team do not matter.',
    }),
    days: z
      .number()
      .positive()
      .max(MOST_DAYS)
      .optional()
      .meta({ description: 'How long it holds; without them, until it is revoked.' }),
  }),
  answer: z
    .strictObject({ token: z.string().meta({ description: 'To be kept by its bearer.' }), ...TokenRow.shape })
    .meta({ id: 'NewToken' }),
} as const satisfies Exchange;

const revokeToken = {
  summary: 'Let a token hold no more, from now on',
  input: z.strictObject({ name: z.string() }),
  answer: z.strictObject({ name: z.string() }).meta({ id: 'RevokedToken' }),
} as const satisfies Exchange;

export const TOKEN_VERBS = { listTokens, createToken, revokeToken } as const;
