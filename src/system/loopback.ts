/** Whether connections to this host stay on this machine. @param host an IPv6 address has no brackets */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}
