import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { drawReport } from './draw-report.ts';
import { armInput } from './fixture.ts';
import { scalingArm, steeredArm } from './scaling-fixture.ts';

const CHROMIUM = '/usr/bin/chromium';
const LEGEND = 'figure svg .role-legend-label text';
const hasBrowser = existsSync(CHROMIUM);
if (!hasBrowser) console.log('Skipped: no Chromium was found to open the report in.');

test.skipIf(!hasBrowser)('fits a phone and a desk, and its charts follow the colour scheme', async () => {
  const page = await drawReport([armInput('short'), armInput('long')], 'quickstart');
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const colours: unknown[] = [];
    for (const [width, colorScheme] of [
      [390, 'dark'],
      [900, 'light'],
    ] as const) {
      const tab = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
      const requests: string[] = [];
      tab.on('request', (request) => requests.push(request.url()));
      await tab.setContent(page);
      expect(requests).toEqual([]);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
      colours.push(await tab.evaluate(`getComputedStyle(document.querySelector('${LEGEND}')).fill`));
      await tab.close();
    }
    expect(colours).toEqual(['rgb(233, 232, 228)', 'rgb(28, 30, 33)']);
  } finally {
    await browser.close();
  }
});

/** Of every figure the pairs of texts that lie over each other, in the page's own measures. */
const OVERLAPS = `[...document.querySelectorAll('figure svg')].flatMap((svg) => {
  const boxes = [...svg.querySelectorAll('text')]
    .filter((text) => text.textContent.trim() !== '')
    .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0);
  return boxes.flatMap((one, index) => boxes.slice(index + 1)
    .filter(({ box }) => box.left < one.box.right - 1 && one.box.left < box.right - 1
      && box.top < one.box.bottom - 3 && one.box.top < box.bottom - 3)
    .map((other) => [one.text, other.text]));
})`;

test.skipIf(!hasBrowser)('no text of a figure lies over another or is cut short', async () => {
  const benchmarks = { aime24: 30, math500: 500, 'gpqa-diamond': 198 };
  const pages = [
    await drawReport([armInput('short'), armInput('long')], 'quickstart'),
    await drawReport([scalingArm('short', benchmarks), scalingArm('long', benchmarks)], 's1'),
    await drawReport([steeredArm('short', 'aime24', 30), steeredArm('long', 'aime24', 30)], 'steered'),
  ];
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    for (const page of pages) {
      const tab = await browser.newPage({ viewport: { width: 960, height: 800 } });
      await tab.setContent(page);
      expect(await tab.evaluate(OVERLAPS)).toEqual([]);
      expect(
        await tab.evaluate(
          `[...document.querySelectorAll('figure svg')].map((svg) => svg.textContent).join()`,
        ),
      ).not.toContain('…');
      await tab.close();
    }
  } finally {
    await browser.close();
  }
});
