/** Attempts that may start after a failure without a person asking. A JobSet that restarts its gang itself is given the same number. */
export const MAX_RETRIES = 3;
