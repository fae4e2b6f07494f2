import type { Socket } from 'node:net';

/** What a connection speaks. */
export type Protocol = 'tls' | 'http2' | 'http1';

/** The type of a TLS record that begins a handshake. */
const TLS_HANDSHAKE = 0x16;
/** What HTTP/2 begins with; no method of HTTP/1.1 does. */
const HTTP2_PREFACE = Buffer.from('PRI ');

/**
 * Looks at the first bytes of a connection, which stay to be read. Calls back once, from within an event of the socket;
 * never for a connection that ends first, nor for one that says nothing for too long, which is ended.
 */
export function sniff(socket: Socket, timeoutMs: number, done: (protocol: Protocol) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  const end = () => {
    clearTimeout(timer);
    socket.off('readable', look);
    socket.off('close', end);
    // The other side may have ended its own before it said enough.
    socket.off('end', leave);
  };
  const leave = () => socket.destroy();
  let seen: Buffer = Buffer.alloc(0);
  const look = () => {
    const bytes: Buffer | null = socket.read();
    if (bytes === null) return;
    seen = Buffer.concat([seen, bytes]);
    const protocol = protocolOf(seen);
    if (protocol === undefined) return;
    end();
    // Put back only now, since what is put back is 'readable' again: whoever reads on finds the connection untouched.
    socket.unshift(seen);
    done(protocol);
  };
  socket.on('readable', look);
  socket.on('close', end);
  socket.on('end', leave);
}

/** Undefined: the bytes are too few to tell. */
export function protocolOf(bytes: Buffer): Protocol | undefined {
  if (bytes[0] === TLS_HANDSHAKE) return 'tls';
  const preface = HTTP2_PREFACE.subarray(0, bytes.length);
  if (!bytes.subarray(0, HTTP2_PREFACE.length).equals(preface)) return 'http1';
  return bytes.length >= HTTP2_PREFACE.length ? 'http2' : undefined;
}
