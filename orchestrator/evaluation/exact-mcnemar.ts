/**
 * McNemar's exact test, two-sided: how likely a split of the questions that only one of two answered right is at least as
 * uneven as this one, were each as likely to be gained as lost. No approximation, so it holds for any number of questions.
 *
 * @param gained - Right in the second only; @param lost - right in the first only.
 */
export function exactMcNemar(gained: number, lost: number): number {
  const all = gained + lost;
  // Logarithms, because 2^-1100 is no number that a computer has.
  let logTerm = all * Math.log(0.5);
  let tail = 0;
  for (let k = 0; k <= Math.min(gained, lost); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((all - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
