import type { Found } from '../../../orchestrator/doctor/found.ts';
import { ApiError } from './api-error.ts';
import type { ApiClient, Call, JsonObject } from './client.ts';
import { spokenRight } from './rights-of.ts';

/** The answer to one call as a finding: that it is not there or not to be seen is an answer as well. */
export async function look<T>(
  client: ApiClient,
  call: Call,
  read: (answer: JsonObject) => T,
): Promise<Found<T>> {
  try {
    return { is: 'there', value: read(await client.json(call)) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 404) return { is: 'absent' };
    if (error.status === 403) return { is: 'forbidden', right: spokenRight(call) };
    const [{ code, todo }] = error.problems;
    return { is: 'unknown', why: error.message, todo, ...(code === 'credential-plugin' && { cause: error }) };
  }
}
