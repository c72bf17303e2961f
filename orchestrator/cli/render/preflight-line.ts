import { formatBytes, formatFigure } from '../../units/format.ts';
import type { PreflightEvent } from '../../wire/trainer-event.ts';

/** What was measured of the machines, in one line: the slowest device and disk, because all wait for them. */
export function preflightLine(event: PreflightEvent): string {
  const slowest = Math.min(...event.gemmFlopsPerSecond) / 1e12;
  const ring = event.ringBytesPerSecond;
  const transport = event.network?.transport ?? null;
  const parts = [
    `slowest device ${formatFigure(slowest)} TFLOP/s`,
    ...(ring === null
      ? []
      : [`ring ${formatBytes(ring)}/s${transport === null ? '' : ` over ${transport}`}`]),
    `disk ${formatBytes(Math.min(...event.diskBytesPerSecond))}/s a node`,
  ];
  return `preflight: ${parts.join(', ')}`;
}
