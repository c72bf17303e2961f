import { ROLES } from '../../../contract/roles.ts';
import { MOST_DAYS } from '../../../contract/tokens.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { Name } from '../../../recipe/name.ts';
import { oneOf } from '../../../recipe/one-of.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';

export interface CreateOptions {
  readonly role: string;
  readonly team?: string;
  /** One whose trainer will report by it. */
  readonly run?: string;
  /** As typed. */
  readonly days?: string;
  readonly json?: boolean;
}

/** `stint tokens create NAME`: a token for a person or a program. Its text is printed once, and kept nowhere. */
export async function create(name: string, options: CreateOptions, context: CliContext): Promise<number> {
  const question = {
    name: named('NAME', name),
    role: oneOf('--role', options.role, ROLES),
    ...(options.team !== undefined && { team: named('--team', options.team) }),
    ...(options.run !== undefined && { run: options.run }),
    ...(options.days !== undefined && { days: daysOf(options.days) }),
  };
  const stint = await context.openStint('make');
  const answer = await stint.createToken(question);
  const { output } = context;
  if (options.json) {
    printJson(output, answer);
    return 0;
  }
  output.print(answer.token);
  const whose =
    answer.run === null
      ? `${answer.role} of ${answer.team === null ? 'all teams' : `team ${answer.team}`}`
      : `reports for ${answer.run}`;
  const until = answer.expiresAt === null ? 'until it is revoked' : `until ${answer.expiresAt}`;
  const use =
    answer.run === null
      ? 'STINT_TOKEN=…'
      : 'its trainer reads it from the file KUBEFLOW_TRAINER_SERVER_TOKEN';
  output.tell(`${answer.name}: ${whose}, ${until}. It is shown this once: ${use}`);
  return 0;
}

function named(option: string, name: string): string {
  const { data, error } = Name.safeParse(name);
  if (data !== undefined) return data;
  throw wrong(option, name, error?.issues[0]?.message ?? '');
}

function daysOf(text: string): number {
  const days = Number(text);
  if (text.trim() !== '' && days > 0 && days <= MOST_DAYS) return days;
  throw wrong('--days', text, `expected a number of days above 0, and at most ${MOST_DAYS}`);
}

const wrong = (option: string, found: string, why: string): StintError =>
  new StintError({
    code: 'wrong-option',
    where: option,
    what: `${option} is ${JSON.stringify(found)}`,
    why,
    todo: 'change it to that',
  });
