import type { Output } from '../cli/output.ts';
import { whatWasLeft } from '../cli/what-was-left.ts';
import { machineOf } from '../controller/elsewhere.ts';
import { findLeft, reconcile } from '../controller/reconcile.ts';
import type { Workplace } from '../controller/workplace.ts';

/** Says what a person may have to see to; whoever works on runs brings to rest what can be first, and whoever looks changes nothing. */
export async function tellWhatWasLeft(workplace: Workplace, { tell }: Output, acts: boolean): Promise<void> {
  if (acts) {
    for (const line of whatWasLeft(await reconcile(workplace), machineOf)) tell(line);
    return;
  }
  const { left, ...others } = await findLeft(workplace);
  const interrupted = left.map(({ id }) => id);
  for (const line of whatWasLeft({ interrupted, ...others }, machineOf)) tell(line);
}
