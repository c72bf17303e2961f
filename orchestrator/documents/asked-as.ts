import type { Thinking } from '../recipe/thinking.ts';
import { defaultSystemPrompt } from './default-system-prompt.ts';
import { ownThinking } from './own-thinking.ts';

/** How a model's own files say that it is asked. */
export interface AskedAs {
  /** Null: without a system turn. */
  readonly systemPrompt: string | null;
  /** Left out: between s1's delimiters. */
  readonly thinking?: Thinking;
}

export async function askedAs(modelFolder: string): Promise<AskedAs> {
  const [systemPrompt, thinking] = await Promise.all([
    defaultSystemPrompt(modelFolder),
    ownThinking(modelFolder),
  ]);
  return { systemPrompt, ...(thinking !== undefined && { thinking }) };
}
