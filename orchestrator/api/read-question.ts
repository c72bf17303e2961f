import { EXCHANGES } from '../contract/routes.ts';
import { fieldsOfPath, VERBS, type VerbName } from '../contract/verbs.ts';
import { type Problem, StintError } from '../errors/stint-error.ts';
import { formatPath } from '../recipe/field-path.ts';
import { issueProblem } from '../recipe/issue-problem.ts';
import { parseDocument } from '../recipe/parse-document.ts';

export interface RawQuestion {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

type Fields = Readonly<Record<string, unknown>>;

/** What a request asks, judged by the verb's schema. @throws StintError with a problem for each field that does not fit. */
export function readQuestion(name: VerbName, { params, query, body }: RawQuestion): Fields {
  const { method, path } = VERBS[name];
  // A request without a body says nothing; `null` is a body, and no object.
  const asked = method === 'GET' ? query : body;
  const given = asked === undefined ? {} : asked;
  if (!isFields(given)) throw notAnObject();
  const inPath = fieldsOfPath(path);
  const twice = Object.keys(given).filter((field) => inPath.includes(field));
  const parsed = parseDocument(EXCHANGES[name].input, { ...given, ...(params as Fields) });
  const problems = parsed.ok ? [] : parsed.issues.map((issue) => issueProblem(issue, formatPath(issue.path)));
  if (twice.length + problems.length > 0) throw new StintError([...twice.map(isInPath), ...problems]);
  return parsed.ok ? parsed.value : {};
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isInPath = (field: string): Problem => ({
  code: 'unknown-field',
  where: field,
  what: `"${field}" is in the path of this request, and given beside it`,
  todo: 'give it in the path alone',
});

const notAnObject = (): StintError =>
  new StintError({
    code: 'wrong-request',
    what: 'the body is not a JSON object',
    why: 'expected an object with the fields of this route; /openapi.json names them',
    todo: 'send {} where there is nothing to say',
  });
