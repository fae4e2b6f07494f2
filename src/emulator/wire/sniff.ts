import type { Socket } from 'node:net';

/** The protocol of a connection. */
export type Protocol = 'tls' | 'http2' | 'http1';

/** The type of a TLS record that begins a handshake. */
const TLS_HANDSHAKE = 0x16;
/** The start of HTTP/2's preface. No HTTP/1.1 method begins like this. */
const HTTP2_PREFACE = Buffer.from('PRI ');

/**
 * Finds a connection's protocol by its first bytes, without consuming them. Calls back once, within an event of the
 * socket. Never calls back if the connection ends first; ends it after `timeoutMs` without enough bytes.
 */
export function sniff(socket: Socket, timeoutMs: number, done: (protocol: Protocol) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const end = () => {
    clearTimeout(timer);
    socket.off('readable', look);
    socket.off('close', end);
    socket.off('end', leave);
  };
  // The client ended its side before it sent enough bytes.
  const leave = () => socket.destroy();
  let seen: Buffer = Buffer.alloc(0);
  const look = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) return;
    seen = Buffer.concat([seen, bytes]);
    const protocol = protocolOf(seen);
    if (protocol === undefined) return;
    end();
    // Put back only after the listeners are gone, since unshift emits 'readable' again.
    socket.unshift(seen);
    done(protocol);
  };
  socket.on('readable', look);
  socket.on('close', end);
  socket.on('end', leave);
}

/** Undefined if more bytes are needed. */
export function protocolOf(bytes: Buffer): Protocol | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return 'tls';
  const preface = HTTP2_PREFACE.subarray(0, bytes.length);
  if (!bytes.subarray(0, HTTP2_PREFACE.length).equals(preface)) return 'http1';
  return bytes.length >= HTTP2_PREFACE.length ? 'http2' : undefined;
}
