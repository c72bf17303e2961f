import { listed } from '../units/counted.ts';

/** What figures cannot have in them, one line for each cause. */
export const unseenText = ({ unseen }: Unseen): readonly string[] =>
  [...Map.groupBy(unseen, ({ why }) => why)].map(
    ([why, of]) =>
      `${listed(of.map(({ run }) => run))}: nobody works on ${of.length === 1 ? 'it' : 'them'}, and the cluster cannot be seen (${why}); counted until the last sign of life.`,
  );

interface Unseen {
  readonly unseen: readonly { readonly run: string; readonly why: string }[];
}
