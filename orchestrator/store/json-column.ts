/** Text of a JSON value of type T, as our own code wrote it. */
export type Json<T> = string & { readonly json?: T };

export const toJson = <T>(value: T): Json<T> => JSON.stringify(value);

export const fromJson = <T>(text: Json<T>): T => JSON.parse(text);

/** Reads the same text as the same object, of so many texts: what many rows hold alike is held once. */
export function sharedJson<T extends object>(most: number): (text: Json<T>) => T {
  const known = new Map<Json<T>, T>();
  return (text) => {
    const read = known.get(text) ?? fromJson(text);
    if (known.size < most) known.set(text, read);
    return read;
  };
}
