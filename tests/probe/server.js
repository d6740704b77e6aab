// A TLS server of Node.js: directory, port, whether clients are asked (none, request, require), the newest version.
"use strict";
const fs = require("node:fs");
const tls = require("node:tls");

const [directory, port, clients, version] = process.argv.slice(2);
const read = (name) => fs.readFileSync(`${directory}/${name}`);
const options = {
  cert: read("cert.pem"),
  key: read("key.pem"),
  ca: read("ca.pem"),
  requestCert: clients !== "none",
  rejectUnauthorized: clients === "require",
  maxVersion: `TLSv${version}`,
};
const server = tls.createServer(options, (socket) => socket.on("error", () => {}));
server.on("tlsClientError", () => {});
server.listen(Number(port), "127.0.0.1");
