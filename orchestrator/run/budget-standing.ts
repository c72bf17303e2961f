/** A budget that is used up. */
export interface BudgetReached {
  /** Its name; `own` for the run's own. */
  readonly budget: string;
  /** For a person: which, and its figures. */
  readonly what: string;
  readonly todo: string;
}

/** Most of a budget is used, or more than the plan allowed for. Texts with their units. */
export interface BudgetWarning {
  /** Which, and of which period. */
  readonly budget: string;
  readonly used: string;
  readonly limit: string;
  /** The plan's upper estimate limits nothing: the run goes on past it. */
  readonly isPlan?: true;
}

/** For a person. */
export const warningText = ({ budget, used, limit, isPlan }: BudgetWarning): string =>
  isPlan
    ? `it goes on past ${budget}: ${used} are held, and at most ${limit} were planned`
    : `${used} of ${limit} are used of ${budget}; at the limit it saves and ends`;

/** How the budgets stand that a run is held against. */
export interface BudgetStanding {
  readonly reached: BudgetReached | null;
  readonly warnings: readonly BudgetWarning[];
}

/** What of it a run is told, or ended for; the figures beside that change at every look. */
export const verdictOf = ({ reached, warnings }: BudgetStanding): string =>
  JSON.stringify([reached?.budget ?? null, ...warnings.map(warningKey)]);

/** Of one budget, period and limit a run is warned once: raised, it is another. */
export const warningKey = ({ budget, limit }: BudgetWarning): string => `${budget}: ${limit}`;
