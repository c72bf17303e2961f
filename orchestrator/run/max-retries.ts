/** Attempts that may start without a person asking: whoever starts them, the control plane or a JobSet. */
export const MAX_RETRIES = 3;
