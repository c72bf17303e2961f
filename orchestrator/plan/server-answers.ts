import type { EvaluationSettings } from '../recipe/evaluation.ts';
import type { Verdict } from './plan.ts';

/** A server that a recipe names. */
export interface NamedServer {
  /** Where the recipe names it. */
  readonly field: 'evaluation.engine' | 'evaluation.judge';
  readonly url: string;
  /** Its model; without one, the only one. */
  readonly model: string | undefined;
}

/** What a server did when it was asked from here. */
export type ServerSeen =
  | { readonly kind: 'silent'; readonly why: string }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'foreign' }
  /** `tokens`: what it made of a prompt in token ids; null of a judge, which is asked in words. */
  | { readonly kind: 'serves'; readonly models: readonly string[]; readonly tokens: TokenManners | null };

/** `untold`: its answer does not say its tokens; `misread`: it read other tokens than it was sent. */
export type TokenManners = 'told' | 'untold' | 'misread' | 'refused';

/** Those that recipes name, each once. */
export function serversOf(
  recipes: readonly { readonly evaluation?: EvaluationSettings | undefined }[],
): readonly NamedServer[] {
  const named = recipes.flatMap(({ evaluation }): NamedServer[] => {
    if (evaluation === undefined) return [];
    const { engine, judge } = evaluation;
    return [
      ...(engine?.kind === 'endpoint'
        ? [{ field: 'evaluation.engine', url: engine.url, model: engine.model } as const]
        : []),
      ...(judge === undefined
        ? []
        : [{ field: 'evaluation.judge', url: judge.url, model: judge.model } as const]),
    ];
  });
  return [...new Map(named.map((server) => [JSON.stringify(server), server])).values()];
}

/**
 * What a server cannot do is refused before anything is paid. That it cannot be reached from here proves nothing of the pods, which
 * ask it again before the first question: it is said, and refuses nothing.
 */
export function serverAnswers({ field, url, model }: NamedServer, seen: ServerSeen): Verdict {
  const verdict = (ok: boolean, refuses: boolean, message: string): Verdict => ({
    name: 'server-answers',
    ok,
    refuses,
    message: `${field}: ${url} ${message}`,
  });
  switch (seen.kind) {
    case 'silent':
      return verdict(false, false, `did not answer from here (${seen.why}): see that the pods can reach it`);
    case 'refused':
      return verdict(false, false, `answered ${seen.status} from here: ${keyOf(field, seen.status)}`);
    case 'foreign':
      return verdict(
        false,
        true,
        'is no server of OpenAI’s protocol: its list of models is none; correct its address',
      );
    case 'serves':
      return serves(verdict, field, model, seen);
  }
}

function keyOf(field: NamedServer['field'], status: number): string {
  const variable = field === 'evaluation.judge' ? 'STINT_JUDGE_KEY' : 'STINT_ENDPOINT_KEY';
  return status === 401 || status === 403
    ? `the pods need its key as ${variable}`
    : 'see that it is well before the run starts';
}

function serves(
  verdict: (ok: boolean, refuses: boolean, message: string) => Verdict,
  field: NamedServer['field'],
  model: string | undefined,
  { models, tokens }: Extract<ServerSeen, { kind: 'serves' }>,
): Verdict {
  const names = models.join(', ') || 'no model';
  if (model === undefined ? models.length !== 1 : !models.includes(model)) {
    const expected =
      model === undefined ? 'one model is expected where none is named' : `${model} is expected`;
    return verdict(false, true, `serves ${names}, and ${expected}: name one of them as ${field}.model`);
  }
  const served = `answers and serves ${model ?? names}`;
  switch (tokens) {
    case 'untold':
      return verdict(
        false,
        true,
        `${served}, and does not say by which tokens it answers: what was thought is counted in tokens, so name a server that returns their ids, as vLLM does`,
      );
    case 'misread':
      return verdict(
        false,
        true,
        `${served}, and does not read prompts in token ids as they are sent: name a server that does, as vLLM does`,
      );
    case 'refused':
      return verdict(
        false,
        true,
        `${served}, and refuses a prompt in token ids: name a server that takes them, as vLLM does`,
      );
    case 'told':
    case null:
      return verdict(true, false, served);
  }
}
