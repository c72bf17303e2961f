import { DEFAULT_PROMPT, SettledEvaluationSchema } from '../../orchestrator/recipe/evaluation-recipe.ts';

const REVISION = 'a'.repeat(40);

/** A decoder that takes no time and no memory worth speaking of. */
export const SMALL = {
  layers: 2,
  hiddenSize: 96,
  queryHeads: 4,
  keyValueHeads: 2,
  headSize: 24,
  feedForwardSize: 256,
  tiedEmbeddings: true,
  maxPositions: 256,
  vocabularySize: 460,
} as const;

/** A small evaluation of a hub's model, of a folder, or of either on a hub's questions. */
export const asksHub = (
  { model = true, questions = false }: { readonly model?: boolean; readonly questions?: boolean },
  evaluation: object = {},
) =>
  SettledEvaluationSchema.parse({
    kind: 'Evaluation',
    name: 'asked',
    model: {
      kind: 'pretrained',
      repository: model ? 'org/model' : './model',
      ...(model && { revision: REVISION }),
      architecture: SMALL,
    },
    prompt: DEFAULT_PROMPT,
    evaluation: {
      benchmarks: [
        {
          name: 'sums',
          source: questions
            ? { kind: 'huggingface', repository: 'org/sums', revision: REVISION }
            : { kind: 'file', path: 'sums.jsonl' },
        },
      ],
      controls: [{ kind: 'budget', maxThinkingTokens: 64 }],
      maxAnswerTokens: 8,
      ...evaluation,
    },
  });
