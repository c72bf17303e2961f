import { Error as LogErrors, logger, parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { ChartSpec } from '../comparison/chart/chart.ts';

/** Draws a Vega-Lite specification without a browser; the same specification gives the same bytes. */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  const quiet = logger(LogErrors);
  // A copy, because Vega-Lite may write into what it is given; it checks the copy's shape itself.
  const copy: TopLevelSpec = JSON.parse(JSON.stringify(spec));
  const compiled = compile(copy, { logger: quiet });
  const view = new View(parse(compiled.spec), { renderer: 'none', logger: quiet });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
