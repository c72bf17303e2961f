/**
 * Variables of the user's shell that a pod sees. A container would see none of them; a process cannot do without a few,
 * and every other one could make two runs of the same recipe differ. A hub's say from where a repository comes, never which; keys
 * say who asks, and STINT_VLLM_PYTHON where vLLM is, which has an environment of its own.
 */
const PASSED_ON =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|(DY)?LD_LIBRARY_PATH|CUDA_VISIBLE_DEVICES|HF_(HOME|TOKEN|TOKEN_PATH|ENDPOINT|HUB_\w+)|XDG_CACHE_HOME|STINT_((ENDPOINT|JUDGE)_KEY|VLLM_PYTHON)|(https?|no)_proxy|SSL_CERT_(FILE|DIR))$/i;

export const hostEnvironment = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => PASSED_ON.test(entry[0]) && entry[1] !== undefined,
    ),
  );
