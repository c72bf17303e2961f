import type { Command } from 'commander';
import type { ServeOptions } from '../commands/serve.ts';
import type { CreateOptions } from '../commands/tokens/create.ts';
import type { Add } from './add.ts';
import { first } from './options.ts';

/** The server, and who may ask it. */
export function addServer(program: Command, add: Add): void {
  add<ServeOptions>(
    program,
    'serve',
    'attend every open run of the store, and answer over HTTP',
    async (_, options, context) => (await import('../commands/serve.ts')).serve(options, context),
  )
    .option('--listen <address>', 'HOST:PORT', '127.0.0.1:7846')
    .option(
      '--oidc <file>',
      'an OpenID Connect provider whose tokens are taken, too, and who may do what (YAML)',
    );

  const tokens = program.command('tokens').description('who may ask a server, and for what');

  add<CreateOptions>(
    tokens,
    'create <name>',
    'make a token for a person or a program; its text is shown once',
    async (args, options, context) =>
      (await import('../commands/tokens/create.ts')).create(first(args), options, context),
  )
    .option('--role <role>', 'viewer, operator or admin', 'operator')
    .option('--team <team>', 'only runs of this team')
    .option('--run <run>', 'only to report how far the trainer of this run is')
    .option('--days <days>', 'how long it holds (default: until it is revoked)');

  add<{ json?: boolean }>(tokens, 'ls', 'all tokens, and which of them hold', async (_, options, context) =>
    (await import('../commands/tokens/ls.ts')).ls(options, context),
  );

  add<{ json?: boolean }>(
    tokens,
    'revoke <name>',
    'let a token hold no more',
    async (args, options, context) =>
      (await import('../commands/tokens/revoke.ts')).revoke(first(args), options, context),
  );
}
