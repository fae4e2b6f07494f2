// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';

/**
 * Paths of PEM files.
 * @typedef {object} Certificates
 * @property {string} caFile the certificate authority that clients and brokers trust
 * @property {string} serverFile the broker's key and certificate, in one file as Kafka requires
 * @property {string} clientCertFile
 * @property {string} clientKeyFile
 */

const KEY = /** @type {const} */ ({ keyType: 'ec', algorithm: 'sha256' });

/**
 * Makes a certificate authority, a certificate for a broker on this machine, and one for a client.
 * @param {string} folder
 * @returns {Promise<Certificates>}
 */
export async function makeCertificates(folder) {
  const authority = await generate([{ name: 'commonName', value: 'kload test CA' }], {
    ...KEY,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const ca = { key: authority.private, cert: authority.cert };
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...KEY,
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      // Brokers connect to each other as clients.
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  const client = await generate([{ name: 'commonName', value: 'kload test client' }], {
    ...KEY,
    ca,
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', clientAuth: true },
    ],
  });
  const write = (/** @type {string} */ name, /** @type {string[]} */ ...pems) => {
    const file = join(folder, name);
    writeFileSync(file, pems.join('\n'));
    return file;
  };
  return {
    caFile: write('ca.pem', authority.cert),
    serverFile: write('server.pem', server.private, server.cert),
    clientCertFile: write('client.pem', client.cert),
    clientKeyFile: write('client-key.pem', client.private),
  };
}
