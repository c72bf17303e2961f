import type { Caller } from '../contract/caller.ts';
import { mayDo, type Role } from '../contract/roles.ts';
import { CONTRACT_VERSION, VERBS, type VerbName } from '../contract/verbs.ts';
import { StintError } from '../errors/stint-error.ts';

/** The same for a token that is absent, unknown, expired and revoked: that is nobody's to learn. */
export const unknownCaller = (): StintError =>
  new StintError({
    code: 'token-unknown',
    what: 'this server does not know who asks',
    why: 'expected a token that holds, as `Authorization: Bearer …`',
    todo: 'set STINT_TOKEN to a token of this server; who runs it makes one with `stint tokens create NAME`',
  });

/** @throws StintError `not-allowed` where the caller's role does not reach, or it reports for one run, which is all that it may do. */
export function requireRole(caller: Caller, needed: Role, where: string): void {
  const { name, role, run } = caller;
  if (run !== undefined)
    throw new StintError({
      code: 'not-allowed',
      where,
      what: `"${name}" reports for ${run}, and may do nothing else`,
      todo: 'ask for a token of a role',
    });
  if (!mayDo(role, needed)) throw notAllowed(caller, needed, where);
}

/** The same for a verb. @throws StintError `not-allowed`. */
export function requireVerb(caller: Caller, verb: VerbName): void {
  if (caller.run === undefined || verb !== 'reportStatus') requireRole(caller, VERBS[verb].role, verb);
}

const notAllowed = ({ name, role }: Caller, needed: Role, where: string): StintError =>
  new StintError({
    code: 'not-allowed',
    where,
    what: `"${name}" is ${article(role)} ${role}, and this takes ${article(needed)} ${needed}`,
    todo: `ask for a token of the role ${needed}`,
  });

const article = (role: string): string => (/^[aeiou]/.test(role) ? 'an' : 'a');

/** @param spoken - What the request says; a program that says nothing takes what it gets. @throws StintError `server-newer`. */
export function requireVersion(spoken: string | undefined): void {
  if (spoken === undefined || spoken === String(CONTRACT_VERSION)) return;
  throw new StintError({
    code: 'server-newer',
    what: `this server speaks version ${CONTRACT_VERSION} of the contract, and who asks speaks ${JSON.stringify(spoken)}`,
    todo: 'use a Stint of the same version on both sides',
  });
}

export const noSuchRoute = (method: string, path: string): StintError =>
  new StintError({
    code: 'no-such-route',
    where: path,
    what: `there is nothing to ${method} at ${path}`,
    todo: 'see /openapi.json for what there is',
  });

/** What Fastify itself refuses: what is no JSON, too large, or of another type. */
export const wrongRequest = (message: string): StintError =>
  new StintError({
    code: 'wrong-request',
    what: 'the request cannot be read',
    why: message,
    todo: 'send a JSON object with the fields of the route; /openapi.json names them',
  });

/** A fault of ours: what it was stands in the server's log, and says nothing to who asked. */
export const ownDefect = (reference: string): StintError =>
  new StintError({
    code: 'defect',
    where: reference,
    what: 'this is a defect of Stint, not of what you gave it',
    todo: 'give this reference to who runs the server: its log has the cause',
  });
