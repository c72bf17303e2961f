/** Places in which money is counted. */
export const MONEY_DECIMALS = 9;
