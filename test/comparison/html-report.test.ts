import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, trusted, typeset } from '../../orchestrator/comparison/report/html-template.ts';
import { drawReport } from './draw-report.ts';
import { armInput, recipe } from './fixture.ts';

const page = await drawReport([armInput('short'), armInput('long')], 'quickstart');

/** How often each element occurs; throws unless each that is opened is closed in turn. */
function elements(markup: string): ReadonlyMap<string, number> {
  const open: string[] = [];
  const counts = new Map<string, number>();
  for (const [, slash, name = '', rest = ''] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)([^<>]*)>/gi)) {
    if (slash === '/') {
      const last = open.pop();
      if (last !== name) throw new Error(`</${name}> closes <${last}>`);
    } else {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (!rest.endsWith('/') && name !== 'meta') open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(', ')}`);
  return counts;
}

test('stands by itself: no script and nothing to load', () => {
  expect(elements(page).get('script')).toBeUndefined();
  expect(page).not.toMatch(/<(?:link|img|iframe|object|embed)\b|@import|url\(|\son\w+=/i);
  // Namespaces of SVG are names, not addresses that are fetched.
  expect(page.replaceAll(/xmlns(?::\w+)?="[^"]*"/g, '')).not.toContain('http');
});

test('is well formed, and says in words what its charts and tables show', () => {
  const counts = elements(page);
  expect(counts.get('figure')).toBe(5);
  expect(page.match(/role="img" aria-label="[^"]{40,}"/g)).toHaveLength(5);
  expect(page.match(/<th(?=[\s>])/g)?.length).toBe(page.match(/<th scope="/g)?.length);
  expect(counts.get('h1')).toBe(1);
});

test('shows findings first, both arms, their checkpoints and how to go on', () => {
  const order = [
    'Findings',
    'Accuracy over thinking',
    'The arms',
    'How the figures were computed',
    'To go on',
  ];
  const places = order.map((title) => page.indexOf(`>${title}<`));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  for (const text of [
    'c-short',
    'stint checkpoints verify c-long',
    'sha256:aaaaaaaaaaaa…',
    'training.sequenceLength',
  ]) {
    expect(page).toContain(text);
  }
});

test('no value of a recipe or a run becomes markup', async () => {
  const bad = '<img src=x onerror="alert(1)">\'&';
  const base = recipe('quickstart-short', 24);
  const hostile = armInput('short', {
    arm: bad,
    run: `${bad}1`,
    checkpoint: bad,
    factor: { path: 'training.sequenceLength', value: { [bad]: bad } },
    recipe: { ...base, dataset: { ...base.dataset, systemPrompt: bad } },
    plan: { ...armInput('short').plan, cluster: bad, recipeDigest: bad },
    cost: { amount: 1, currency: bad },
    state: { kind: 'running', stage: 'train', launch: 1, attempt: 1, over: null },
  });
  const attacked = await drawReport([hostile, armInput('long')], bad);
  expect(elements(attacked).get('img')).toBeUndefined();
  expect(attacked.match(/&lt;img src=x onerror=/g)?.length).toBeGreaterThan(15);
});

test('a template escapes whatever it is given, unless it is markup already', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { markup } = html`<p title="${text}">${[text]}</p>`;
      expect(markup.slice(3, -4)).not.toMatch(/[<>].*[<>]/s);
      expect(markup.match(/"/g)).toHaveLength(2);
    }),
  );
  expect(html`${trusted('<b>')}${html`<i>${'<'}</i>`}${null}${3}`.markup).toBe('<b><i>&lt;</i>3');
});

test('figures are set with minus signs and unbroken intervals, names are left alone', () => {
  expect(typeset('r-3: -0.01 [-0.05, 0.02]')).toBe('r-3: −0.01\u00a0[−0.05,\u00a00.02]');
});

test('runs that have nothing yet still make a page', async () => {
  const queued = armInput('long', {
    state: { kind: 'queued' },
    prepared: null,
    steps: [],
    gpuMilliseconds: {},
    uses: {},
    evaluation: null,
    checkpoint: null,
  });
  const bare = await drawReport([queued], 'waiting');
  expect(elements(bare).get('figure')).toBeUndefined();
  expect(bare).toContain('the run is queued, it has no evaluation');
  expect(bare).toContain('stint runs show r-01k9long');
});
