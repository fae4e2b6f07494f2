import { crc32 } from 'node:zlib';

/**
 * The format of log files: a header, then frames. All numbers are little-endian; f64 holds whole numbers.
 *
 * header: `kloadlog` | format u32 | shard u32 | first position f64 | arrival f64
 *         | CRC-32 of the stream's id | CRC-32 of all before
 * frame:  magic u32 | CRC-32 of all after it u32 | bytes of the frame u32 | records u32 | synced bytes u32
 *         | first position f64 | arrival f64
 *         | for each record: bytes of its key u32, of key and data u32 | for each record: key, data
 *
 * A frame holds what one request wrote to the shard, so that it is checked and written as one piece. Its checksum
 * starts from one of the stream, shard and file, so that a frame of another file, or inside a record's data, is not
 * valid. Its synced bytes say how much of the file was on disk when the frame was written. A power cut may lose bytes
 * between that part and the frame, but keep the frame.
 */
const FILE_MAGIC = Buffer.from('kloadlog');
const FORMAT = 1;
export const HEADER_BYTES = 40;

const FRAME_MAGIC = 0x4d_52_46_4b;
const FRAME_MAGIC_BYTES = Buffer.from('KFRM');
const FRAME_HEADER_BYTES = 36;
/** Bytes that the checksum does not cover: the magic and the checksum itself. */
const UNCHECKED_BYTES = 8;
const SIZES_BYTES = 8;

/** Replaces the synced bytes in frames that are not synced before their request is acknowledged. */
export const NEVER_SYNCED = 0xff_ff_ff_ff;

export interface FileHeader {
  readonly shardIndex: number;
  readonly firstPosition: number;
  /** Arrival of the file's first record, epoch milliseconds. No record in an earlier file is later. */
  readonly atMs: number;
  readonly streamId: string;
}

export function writeHeader({ shardIndex, firstPosition, atMs, streamId }: FileHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  FILE_MAGIC.copy(header);
  header.writeUInt32LE(FORMAT, 8);
  header.writeUInt32LE(shardIndex, 12);
  header.writeDoubleLE(firstPosition, 16);
  header.writeDoubleLE(atMs, 24);
  header.writeUInt32LE(crc32(streamId), 32);
  header.writeUInt32LE(crc32(header.subarray(0, 36)), 36);
  return header;
}

/** Undefined if the bytes do not start with a header of this stream and shard. */
export function readHeader(bytes: Buffer, streamId: string, shardIndex: number): FileHeader | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(36) !== crc32(bytes.subarray(0, 36))) return undefined;
  const header = { shardIndex, firstPosition: bytes.readDoubleLE(16), atMs: bytes.readDoubleLE(24), streamId };
  return writeHeader(header).equals(bytes.subarray(0, HEADER_BYTES)) ? header : undefined;
}

/** The seed of the checksums of a file's frames. It does not depend on the header, which may be lost. */
export function seedOf({ streamId, shardIndex, firstPosition }: Omit<FileHeader, 'atMs'>): number {
  return crc32(`${streamId} ${shardIndex} ${firstPosition}`);
}

/** A frame whose checksum is right. */
export interface Frame {
  readonly offset: number;
  /** Size of the whole frame. */
  readonly bytes: number;
  /** Number of records. */
  readonly count: number;
  readonly firstPosition: number;
  /** When its records arrived, epoch milliseconds. */
  readonly atMs: number;
  /** How much of the file was on disk when the frame was written, or NEVER_SYNCED. */
  readonly syncedBytes: number;
  /** Offset of keys and data. */
  readonly payloadAt: number;
}

/** Size of a frame with `count` records whose keys and data are `payloadBytes` in total. */
export function frameBytes(count: number, payloadBytes: number): number {
  return FRAME_HEADER_BYTES + count * SIZES_BYTES + payloadBytes;
}

/** Writes the sizes of record `i` of a frame. */
export function writeSizes(target: Buffer, i: number, keyBytes: number, recordBytes: number): void {
  const at = FRAME_HEADER_BYTES + i * SIZES_BYTES;
  target.writeUInt32LE(keyBytes, at);
  target.writeUInt32LE(recordBytes, at + 4);
}

/**
 * Completes a frame after `writeSizes` was called for all its records. `target` must have room for it.
 * @returns the size of the frame
 */
export function writeFrame(
  target: Buffer,
  frame: Pick<Frame, 'count' | 'syncedBytes' | 'firstPosition' | 'atMs'> & { payload: Uint8Array; seed: number },
): number {
  const bytes = frameBytes(frame.count, frame.payload.length);
  target.writeUInt32LE(FRAME_MAGIC, 0);
  target.writeUInt32LE(bytes, 8);
  target.writeUInt32LE(frame.count, 12);
  target.writeUInt32LE(frame.syncedBytes, 16);
  target.writeDoubleLE(frame.firstPosition, 20);
  target.writeDoubleLE(frame.atMs, 28);
  target.set(frame.payload, bytes - frame.payload.length);
  target.writeUInt32LE(crc32(target.subarray(UNCHECKED_BYTES, bytes), frame.seed), 4);
  return bytes;
}

/** The frame at an offset; undefined if there is none, or it is incomplete or damaged. */
export function readFrame(source: Buffer, offset: number, seed: number): Frame | undefined {
  if (offset + FRAME_HEADER_BYTES > source.length || source.readUInt32LE(offset) !== FRAME_MAGIC) return undefined;
  const bytes = source.readUInt32LE(offset + 8);
  const count = source.readUInt32LE(offset + 12);
  if (bytes < frameBytes(count, 0) || offset + bytes > source.length) return undefined;
  const checked = source.subarray(offset + UNCHECKED_BYTES, offset + bytes);
  if (crc32(checked, seed) !== source.readUInt32LE(offset + 4)) return undefined;
  return {
    ...{ offset, bytes, count },
    syncedBytes: source.readUInt32LE(offset + 16),
    firstPosition: source.readDoubleLE(offset + 20),
    atMs: source.readDoubleLE(offset + 28),
    payloadAt: offset + frameBytes(count, 0),
  };
}

/** A view of the sizes of a frame's records, in the form that `Segment.appendPacked` takes. */
export function sizesOf(source: Buffer, { offset, payloadAt }: Frame): Buffer {
  return source.subarray(offset + FRAME_HEADER_BYTES, payloadAt);
}

/** All intact frames from an offset on, whatever lies between them. */
export function* findFrames(source: Buffer, offset: number, seed: number): Generator<Frame> {
  for (let at = source.indexOf(FRAME_MAGIC_BYTES, offset); at >= 0; ) {
    const frame = readFrame(source, at, seed);
    if (frame !== undefined) yield frame;
    at = source.indexOf(FRAME_MAGIC_BYTES, at + (frame?.bytes ?? 1));
  }
}
