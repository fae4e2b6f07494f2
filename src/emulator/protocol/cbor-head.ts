/** What the reader and the writer of CBOR (RFC 8949) both know: each item begins with its major type and an argument. */
export const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;

/** Arguments beyond the small ones: what follows holds the value, or nothing tells the length. */
export const ONE_BYTE = 24;
export const TWO_BYTES = 25;
export const FOUR_BYTES = 26;
export const EIGHT_BYTES = 27;
export const INDEFINITE = 31;

export const FALSE = 0xf4;
export const TRUE = 0xf5;
export const NULL = 0xf6;
export const UNDEFINED = 0xf7;
export const FLOAT_16 = 0xf9;
export const FLOAT_32 = 0xfa;
export const FLOAT_64 = 0xfb;
/** Ends what has no length. */
export const BREAK = 0xff;

/** The tag of a moment: by the standard seconds since 1970, by the service whole milliseconds. */
export const EPOCH_TAG = 1;
