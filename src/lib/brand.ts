declare const brand: unique symbol

/** A string that only its own `parseX` makes, so that an unchecked one does not type-check. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }
