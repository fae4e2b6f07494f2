/**
 * A record batch (magic 2; Kafka 0.11 and newer). The records follow the head, compressed together if the codec bits
 * say so.
 *
 * ```
 * base_offset             INT64   set by the broker
 * batch_length            INT32   bytes after this field
 * partition_leader_epoch  INT32   set by the broker
 * magic                   INT8    2
 * crc                     UINT32  CRC-32C of all bytes after this field
 * attributes              INT16   bits 0-2: codec, 3: log append time, 4: transactional, 5: control batch
 * last_offset_delta       INT32
 * base_timestamp          INT64   of the first record, epoch milliseconds
 * max_timestamp           INT64
 * producer_id             INT64   -1: none
 * producer_epoch          INT16   -1: none
 * base_sequence           INT32   of the first record; -1: none
 * records                 ARRAY (INT32 count) of RECORD
 *
 * RECORD
 *   length                VARINT  bytes after this field
 *   attributes            INT8    0
 *   timestamp_delta       VARLONG from base_timestamp
 *   offset_delta          VARINT  from base_offset
 *   key                   VARINT length (-1: null), bytes
 *   value                 VARINT length (-1: null), bytes
 *   headers               ARRAY (VARINT count) of HEADER
 *
 * HEADER
 *   key                   VARINT length, bytes
 *   value                 VARINT length (-1: null), bytes
 * ```
 */
export const MAGIC = 2;

export const BATCH_LENGTH_AT = 8;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const COUNT_AT = 57;
/** Size of everything before the first record. */
export const HEAD_BYTES = 61;
/** Size of the fields that batch_length does not count. */
export const UNCOUNTED_BYTES = 12;
