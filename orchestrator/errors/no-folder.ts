/** What an operating system says where a file stands in the way. */
const IN_THE_WAY = ['EEXIST', 'ENOTDIR'];

/** Why a folder of Stint's own cannot be made, and what to do: rights are no help where a file has its name. */
export function noFolder(cause: unknown): { readonly why: string; readonly todo: string } {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (IN_THE_WAY.includes(code))
    return {
      why: 'this path, or a part of it, is a file and no folder',
      todo: 'name a folder with --home (or STINT_HOME)',
    };
  return {
    why: cause instanceof Error ? cause.message : String(cause),
    todo: 'make the folder above it writable for this user, or name another folder with --home',
  };
}
