/** Where a page ended: an opaque text, so that what it holds can change. */
export interface Position {
  readonly createdAt: number;
  readonly id: string;
}

export const cursorOf = ({ createdAt, id }: Position): string => `${createdAt.toString(36)}.${id}`;

/** Null for what is no cursor. */
export function positionOf(cursor: string): Position | null {
  const [, at, id] = /^([0-9a-z]{1,11})\.(.+)$/.exec(cursor) ?? [];
  return at === undefined || id === undefined ? null : { createdAt: Number.parseInt(at, 36), id };
}
