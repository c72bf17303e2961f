import type { Role } from './roles.ts';

/** On whose behalf something is asked. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
  /** The one team whose runs it sees and acts on; null: all. */
  readonly team: string | null;
  /** The one run for which it reports, which is all that it may do then. */
  readonly run?: string;
}

/** Whoever can open the store can do all that is in it. */
export const OWNER: Caller = { name: 'owner', role: 'admin', team: null };

export const seesTeam = ({ team }: Caller, of: string | null | undefined): boolean =>
  team === null || team === of;
