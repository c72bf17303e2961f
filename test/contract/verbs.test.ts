import { expect, it } from 'vitest';
import { openApi } from '../../orchestrator/contract/open-api.ts';
import { cursorOf, positionOf } from '../../orchestrator/contract/position.ts';
import { mayDo } from '../../orchestrator/contract/roles.ts';
import { EXCHANGES } from '../../orchestrator/contract/routes.ts';
import { fieldsOfPath, VERB_NAMES, VERBS } from '../../orchestrator/contract/verbs.ts';

it.each(VERB_NAMES)('%s: each field of its path is one of its input, and its answer has a name', (name) => {
  const { input, answer } = EXCHANGES[name];
  expect(Object.keys(input.shape)).toEqual(expect.arrayContaining([...fieldsOfPath(VERBS[name].path)]));
  expect(answer.meta()?.id).toMatch(/^[A-Z][A-Za-z]+$/);
});

it('no two verbs are one method and path', () => {
  const places = VERB_NAMES.map(
    (name) => `${VERBS[name].method} ${VERBS[name].path.replace(/\{\w+\}/g, '{}')}`,
  );
  expect(new Set(places).size).toBe(places.length);
});

it('whoever may more may all that others may', () => {
  expect(mayDo('admin', 'viewer')).toBe(true);
  expect(mayDo('operator', 'operator')).toBe(true);
  expect(mayDo('viewer', 'operator')).toBe(false);
  expect(mayDo('operator', 'admin')).toBe(false);
});

it('a cursor comes back as the place that it stands for, and nothing else is one', () => {
  const place = { createdAt: 1_800_000_000_000, id: 'r-00.a_b' };
  expect(positionOf(cursorOf(place))).toEqual(place);
  for (const text of ['', '.', 'x', '.r-1', 'A.r-1', 'zzzzzzzzzzzz.r-1']) expect(positionOf(text)).toBeNull();
});

it('every reference of the OpenAPI document leads somewhere, and each verb stands in it with its errors', () => {
  const document = JSON.parse(JSON.stringify(openApi('1.2.3'))) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
    readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  };
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, id]) => id);
  expect(references.length).toBeGreaterThan(VERB_NAMES.length);
  expect(references.filter((id) => !(String(id) in document.components.schemas))).toEqual([]);
  expect(text).not.toContain('#/$defs');
  for (const name of VERB_NAMES) {
    const { method, path } = VERBS[name];
    const operation = document.paths[`/api/v1${path}`]?.[method.toLowerCase()];
    expect(Object.keys(operation?.responses ?? {})).toEqual(
      expect.arrayContaining(['200', '400', '401', '503']),
    );
  }
});
