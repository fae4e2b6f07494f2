import { crc32 } from 'node:zlib';

/**
 * The form of a log's files: a header, then frames. All numbers are little-endian; f64 holds whole numbers.
 *
 * header: `kloadlog` | format u32 | shard u32 | first position f64 | arrival f64 | CRC-32 of the stream's id | CRC-32 of all before
 * frame:  magic u32 | CRC-32 of all after it u32 | bytes of the frame u32 | records u32 | synced bytes u32
 *         | first position f64 | arrival f64 | for each record: bytes of its key u32, of key and data u32 | for each record: key, data
 *
 * A frame holds what one request wrote to the shard, so that it is checked and written in one piece. Its checksum goes on
 * from one of the file's name: a frame of another file, or one that somebody put into a record, is no frame here.
 * Its synced bytes say how much of the file was on the disk when it was written: what was not, a power cut may have lost
 * while it kept this frame.
 */
const FILE_MAGIC = Buffer.from('kloadlog');
const FORMAT = 1;
export const HEADER_BYTES = 40;

const FRAME_MAGIC = 0x4d_52_46_4b;
const FRAME_MAGIC_BYTES = Buffer.from('KFRM');
const FRAME_HEADER_BYTES = 36;
/** What the checksum leaves out: the magic and itself. */
const UNCHECKED_BYTES = 8;
const SIZES_BYTES = 8;

/** Stands for the synced bytes in a frame of which nobody waits until it is on the disk. */
export const NEVER_SYNCED = 0xff_ff_ff_ff;

export interface FileHeader {
  readonly shardIndex: number;
  readonly firstPosition: number;
  /** No record before the file's first is later, epoch milliseconds. */
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

/** Undefined where the bytes begin with no header, or with that of another shard or another stream. */
export function readHeader(bytes: Buffer, streamId: string, shardIndex: number): FileHeader | undefined {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(36) !== crc32(bytes.subarray(0, 36))) return undefined;
  const header = { shardIndex, firstPosition: bytes.readDoubleLE(16), atMs: bytes.readDoubleLE(24), streamId };
  return writeHeader(header).equals(bytes.subarray(0, HEADER_BYTES)) ? header : undefined;
}

/** What the checksums of a file's frames begin with: known also where its header is lost. */
export function seedOf({ streamId, shardIndex, firstPosition }: Omit<FileHeader, 'atMs'>): number {
  return crc32(`${streamId} ${shardIndex} ${firstPosition}`);
}

/** A frame that was found whole. Its bytes are those from `offset`. */
export interface Frame {
  readonly offset: number;
  readonly bytes: number;
  readonly count: number;
  readonly firstPosition: number;
  /** When its records arrived, epoch milliseconds. */
  readonly atMs: number;
  /** How much of the file was on the disk before it, or NEVER_SYNCED. */
  readonly syncedBytes: number;
  /** Where keys and data begin. */
  readonly payloadAt: number;
}

/** Bytes of a frame with `count` records whose keys and data take `payloadBytes`. */
export function frameBytes(count: number, payloadBytes: number): number {
  return FRAME_HEADER_BYTES + count * SIZES_BYTES + payloadBytes;
}

/** The sizes of a record in a frame that is being written. */
export function writeSizes(target: Buffer, offset: number, i: number, keyBytes: number, recordBytes: number): void {
  const at = offset + FRAME_HEADER_BYTES + i * SIZES_BYTES;
  target.writeUInt32LE(keyBytes, at);
  target.writeUInt32LE(recordBytes, at + 4);
}

/**
 * Completes a frame at `offset` whose sizes are written. `target` has room for it.
 * @returns the frame's bytes
 */
export function writeFrame(
  target: Buffer,
  offset: number,
  frame: Pick<Frame, 'count' | 'syncedBytes' | 'firstPosition' | 'atMs'> & { payload: Uint8Array; seed: number },
): number {
  const bytes = frameBytes(frame.count, frame.payload.length);
  target.writeUInt32LE(FRAME_MAGIC, offset);
  target.writeUInt32LE(bytes, offset + 8);
  target.writeUInt32LE(frame.count, offset + 12);
  target.writeUInt32LE(frame.syncedBytes, offset + 16);
  target.writeDoubleLE(frame.firstPosition, offset + 20);
  target.writeDoubleLE(frame.atMs, offset + 28);
  target.set(frame.payload, offset + bytes - frame.payload.length);
  target.writeUInt32LE(crc32(target.subarray(offset + UNCHECKED_BYTES, offset + bytes), frame.seed), offset + 4);
  return bytes;
}

/** The frame at an offset; undefined where there is none, or not all of it, or not as it was written. */
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

/** A view of the sizes of a frame's records, as `Segment.appendPacked` takes them. */
export function sizesOf(source: Buffer, { offset, payloadAt }: Frame): Buffer {
  return source.subarray(offset + FRAME_HEADER_BYTES, payloadAt);
}

/** The whole frames at an offset and anywhere after it. */
export function* findFrames(source: Buffer, offset: number, seed: number): Generator<Frame> {
  for (let at = source.indexOf(FRAME_MAGIC_BYTES, offset); at >= 0; ) {
    const frame = readFrame(source, at, seed);
    if (frame !== undefined) yield frame;
    at = source.indexOf(FRAME_MAGIC_BYTES, at + (frame?.bytes ?? 1));
  }
}
