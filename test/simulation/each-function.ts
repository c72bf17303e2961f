import type { Store } from '../../orchestrator/ports/store.ts';

type Act = (...args: unknown[]) => Promise<unknown>;
type Around = (act: () => Promise<unknown>) => Promise<unknown>;

/** The same object, with something around each of its functions. */
export const eachFunction = <T extends object>(of: T, around: Around): T =>
  Object.fromEntries(
    Object.entries(of as Record<string, Act>).map(([name, act]) => [
      name,
      (...args: unknown[]) => around(() => act(...args)),
    ]),
  ) as T;

/** The same store, with something around each of its queries; its change feed asks nothing. */
export function eachQuery({ changes, ...store }: Store, around: Around): Store {
  const rooms = Object.entries(store).filter(([, room]) => typeof room === 'object');
  return {
    ...store,
    changes,
    ...Object.fromEntries(rooms.map(([name, room]) => [name, eachFunction(room as object, around)])),
  };
}
