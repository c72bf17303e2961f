/** Text of a JSON value of type T, as our own code wrote it. */
export type Json<T> = string & { readonly json?: T };

export const toJson = <T>(value: T): Json<T> => JSON.stringify(value);

export const fromJson = <T>(text: Json<T>): T => JSON.parse(text);
