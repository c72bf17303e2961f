import { readFileSync } from 'node:fs';
import { StintError } from '../errors/stint-error.ts';

/**
 * The token of this process: `STINT_TOKEN`, or what `STINT_TOKEN_FILE` holds now. Whoever makes tokens that hold for minutes
 * writes the file again meanwhile, as Kubernetes does with those of service accounts, so it is read for each request.
 *
 * @throws StintError `wrong-option` where the file cannot be read
 */
export function readToken(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const [token, file] = [env['STINT_TOKEN'], env['STINT_TOKEN_FILE']];
  if (token || !file) return token;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StintError(
      {
        code: 'wrong-option',
        where: 'STINT_TOKEN_FILE',
        what: `the token's file cannot be read: ${file}`,
        why: cause instanceof Error ? cause.message : String(cause),
        todo: 'name a file that holds a token, or set STINT_TOKEN',
      },
      { cause },
    );
  }
}
