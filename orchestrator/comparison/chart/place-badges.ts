/** In pixels from the upper left of a panel. */
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

export interface PanelSize {
  readonly width: number;
  readonly height: number;
}

/** From centre to centre, so that none covers another: badges of 16 pixels with their outlines, and points of 9. */
export const BETWEEN_BADGES = 18;
export const FROM_POINTS = 14;
const INSIDE = 9;
const RINGS = [20, 32, 44, 56, 68, 80];
/** Upwards and downwards first: there a badge stands beside its own interval, not on its neighbours'. */
const DIRECTIONS = [90, -90, 60, -60, 120, -120, 30, -30, 150, -150, 0, 180].map((degrees) => {
  const angle = (degrees * Math.PI) / 180;
  return { x: Math.cos(angle), y: -Math.sin(angle) };
});

/**
 * Where the badges of these places stand: at their places where they cover nothing, else as near as they find room inside the panel.
 * Where there is none at all, at their places.
 *
 * @param points - Other marks, which stay where they are.
 */
export function placeBadges(
  badges: readonly Pixel[],
  points: readonly Pixel[],
  { width, height }: PanelSize,
): readonly Pixel[] {
  const placed: Pixel[] = [];
  for (const badge of badges) {
    const isFree = (at: Pixel) =>
      placed.every((other) => distance(at, other) >= BETWEEN_BADGES) &&
      points.every((point) => distance(at, point) >= FROM_POINTS) &&
      // What has moved leaves a dot where it belongs.
      badges.every((other) => same(other, badge) || distance(at, other) >= FROM_POINTS);
    const isInside = ({ x, y }: Pixel) =>
      x >= INSIDE && x <= width - INSIDE && y >= INSIDE && y <= height - INSIDE;
    const around = RINGS.flatMap((far) =>
      DIRECTIONS.map(({ x, y }) => ({ x: badge.x + far * x, y: badge.y + far * y })),
    ).filter(isInside);
    placed.push([badge, ...around].find(isFree) ?? badge);
  }
  return placed;
}

const distance = (a: Pixel, b: Pixel): number => Math.hypot(a.x - b.x, a.y - b.y);
const same = (a: Pixel, b: Pixel): boolean => a.x === b.x && a.y === b.y;
