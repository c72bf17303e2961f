import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import { drawReport } from './draw-report.ts';
import { armInput } from './fixture.ts';

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
