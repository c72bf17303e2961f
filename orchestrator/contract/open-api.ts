import { z } from 'zod';
import { KINDS } from '../errors/catalogue.ts';
import { StageSchema } from '../wire/job-spec.ts';
import { EXCHANGES } from './routes.ts';
import { FILE_PATH, FILE_ROLE, STREAMS, type StreamName } from './streams.ts';
import { Sha256 } from './submission.ts';
import { fieldsOfPath, PREFIX, VERB_NAMES, VERBS, type VerbName } from './verbs.ts';

type Json = Readonly<Record<string, unknown>>;

const reference = (id: string) => ({ $ref: `#/components/schemas/${id}` });

/** RFC 9457, with all problems as `--json` prints them. */
const ProblemSchema = z
  .object({
    type: z.string().meta({ description: '`urn:stint:error:` and the code.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    problems: z
      .array(
        z.object({
          code: z.string().meta({ description: 'Permanent; docs/errors.md says what each means.' }),
          kind: z.enum(Object.keys(KINDS) as [string, ...string[]]),
          blame: z.string(),
          what: z.string(),
          where: z.string().optional(),
          why: z.string().optional(),
          todo: z.string(),
        }),
      )
      .min(1),
  })
  .meta({ id: 'Problem' });

/** OpenAPI 3.1 of all verbs. @param version - Of Stint. */
export function openApi(version: string): Json {
  const schemas = z.registry<{ id?: string | undefined }>();
  for (const name of VERB_NAMES) {
    schemas.add(EXCHANGES[name].answer, { id: idOf(name) });
  }
  schemas.add(ProblemSchema, { id: 'Problem' });
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of VERB_NAMES) {
    const { method, path } = VERBS[name];
    const at = `${PREFIX}${path}`;
    paths[at] = { ...paths[at], [method.toLowerCase()]: operation(name) };
  }
  for (const name of Object.keys(STREAMS) as StreamName[])
    paths[`${PREFIX}${STREAMS[name].path}`] = { get: streamed(name) };
  paths[`${PREFIX}${FILE_PATH}`] = { put: sent() };
  return {
    openapi: '3.1.0',
    info: { title: 'Stint', version, description: 'Reasoning fine-tunes, and where each GPU-second went.' },
    paths,
    components: {
      schemas: components(schemas),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ token: [] }],
  };
}

/** Each schema once, by its id; also those that are parts of several others, which zod keeps apart. */
function components(schemas: z.core.$ZodRegistry<{ id?: string | undefined }>): Json {
  const made = z.toJSONSchema(schemas, { uri: (id) => `#/components/schemas/${id}` });
  const text = JSON.stringify(made.schemas).replaceAll('/__shared#/$defs/', '/');
  const { __shared: shared, ...own } = JSON.parse(text) as Readonly<Record<string, Json>>;
  return { ...own, ...(shared?.['$defs'] as Json | undefined) };
}

const idOf = (name: VerbName): string =>
  EXCHANGES[name].answer.meta()?.id ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}Answer`;

function operation(name: VerbName): Json {
  const { method, path, role } = VERBS[name];
  const { summary, input } = EXCHANGES[name];
  const whole = z.toJSONSchema(input, { io: 'input' });
  const { properties = {}, required = [] } = whole;
  const inPath = fieldsOfPath(path);
  const fields = Object.entries(properties);
  const parameters = fields
    .filter(([field]) => method === 'GET' || inPath.includes(field))
    .map(([field, schema]) => ({
      name: field,
      in: inPath.includes(field) ? 'path' : 'query',
      required: inPath.includes(field) || required.includes(field),
      schema,
    }));
  const body = {
    ...whole,
    $schema: undefined,
    properties: Object.fromEntries(fields.filter(([field]) => !inPath.includes(field))),
    required: required.filter((field) => !inPath.includes(field)),
  };
  return {
    operationId: name,
    summary,
    description: `Needs the role ${role}.`,
    parameters: [...parameters, ...(method === 'POST' ? [KEY] : [])],
    ...(method !== 'GET' && {
      requestBody: { required: body.required.length > 0, content: { 'application/json': { schema: body } } },
    }),
    responses: {
      200: { description: 'Done.', content: { 'application/json': { schema: reference(idOf(name)) } } },
      ...refusals(),
    },
  };
}

/** Asked again under one key, the same is answered, and nothing is done twice. */
const KEY: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 200 },
};

function refusals(): Json {
  return Object.fromEntries(STATUSES.map(([status, description]) => [status, { description, ...problem }]));
}

const problem = { content: { 'application/problem+json': { schema: reference('Problem') } } };

const inPath = (name: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'path',
  required: true,
  schema,
});

const inQuery = (name: string, schema: Json): Json => ({ name, in: 'query', required: false, schema });

/** Of each stream what may be asked of it beside the run. */
const STREAM_QUERIES: Readonly<Record<StreamName, readonly Json[]>> = {
  followRun: [],
  readLogs: [
    inQuery('follow', { type: 'boolean', default: false }),
    inQuery('stage', { type: 'string', enum: StageSchema.options }),
  ],
};

function streamed(name: StreamName): Json {
  const { summary, role } = STREAMS[name];
  const lastEventId = { name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } };
  return {
    operationId: name,
    summary,
    description: `Needs the role ${role}. Server-sent events, of which \`end\` is the last.`,
    parameters: [inPath('run'), ...STREAM_QUERIES[name], lastEventId],
    responses: {
      200: { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
      ...refusals(),
    },
  };
}

const sent = (): Json => ({
  operationId: 'sendFile',
  summary: 'Keep what runs will read, under its sha256',
  description: `Needs the role ${FILE_ROLE}.`,
  parameters: [inPath('content', z.toJSONSchema(Sha256))],
  requestBody: {
    required: true,
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  },
  responses: {
    200: {
      description: 'It is kept.',
      content: {
        'application/json': {
          schema: { type: 'object', properties: { content: { type: 'string' } }, required: ['content'] },
        },
      },
    },
    ...refusals(),
  },
});

/** What may go wrong, by status; one description of each. */
const STATUSES: readonly (readonly [number, string])[] = [
  ...new Map(Object.values(KINDS).map(({ status, means }) => [status, means])),
];
