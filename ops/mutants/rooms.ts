/** Rooms of the domain whose tests are held against faults made on purpose. */
export const MUTATED_ROOMS = ['budget', 'ledger', 'plan', 'render', 'run'] as const;
