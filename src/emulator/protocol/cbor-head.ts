/** The heads of CBOR (RFC 8949): each item begins with a major type and an argument. */
export const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const;

/** Arguments from 24 on follow the first byte in 1 to 8 bytes. INDEFINITE marks an indefinite length. */
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
/** Ends an item of indefinite length. */
export const BREAK = 0xff;

/** The tag of a timestamp: seconds since 1970 in the standard, whole milliseconds in the service. */
export const EPOCH_TAG = 1;
