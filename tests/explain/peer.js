// One TLS connection of Node.js: ROLE PORT KEY=VALUE..., as tests/explain/stacks.rs says; prints what goes wrong.
const fs = require('fs');
const tls = require('tls');

const [role, port, ...rest] = process.argv.slice(2);
const given = Object.fromEntries(rest.map((it) => [it.slice(0, it.indexOf('=')), it.slice(it.indexOf('=') + 1)]));
const read = (name) => (given[name] ? fs.readFileSync(given[name]) : undefined);
const fail = (error) => {
  console.log(error);
  process.exit(1);
};
setTimeout(() => process.exit(1), 10000);
try {
  const options = { cert: read('cert'), key: read('key'), ca: read('ca'), crl: read('crl'), ciphers: given.cipher };
  if (given.version) options.minVersion = options.maxVersion = 'TLSv' + given.version;
  if (given.cipher) options.maxVersion = 'TLSv1.2';
  if (role === 'server') {
    const must = given.clients === 'require';
    const server = tls.createServer({ ...options, requestCert: must, rejectUnauthorized: must }, (connection) => {
      connection.on('error', fail);
      connection.on('data', () => connection.end('hello\n'));
      connection.on('close', () => process.exit(0));
    });
    server.on('tlsClientError', fail);
    server.listen(Number(port), '127.0.0.1');
  } else {
    const name = given.name ?? 'localhost';
    const connection = tls.connect({ host: '127.0.0.1', port: Number(port), servername: name, ...options }, () => {
      connection.write('hello\n');
    });
    connection.on('error', fail);
    connection.on('data', () => connection.end());
    connection.on('close', () => process.exit(0));
  }
} catch (error) {
  fail(error);
}
