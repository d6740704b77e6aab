// Judge: Node's tls. It validates chains in handshakes only, so both ends run here.
"use strict";
const fs = require("node:fs");
const net = require("node:net");
const tls = require("node:tls");

const identity = (directory) => ({
  cert: fs.readFileSync(`${directory}/cert.pem`),
  key: fs.readFileSync(`${directory}/key.pem`),
});

const verifying = (trust) => ({ ca: fs.readFileSync(trust), rejectUnauthorized: true });

const named = (name) => ({
  servername: net.isIP(name) ? "" : name,
  checkServerIdentity: (_, certificate) => tls.checkServerIdentity(name, certificate),
});

/** Resolves once the client has read the octet that a satisfied server writes. */
function handshake(serverOptions, clientOptions) {
  return new Promise((resolve, reject) => {
    const server = tls.createServer(serverOptions, (socket) => socket.end("!"));
    server.on("tlsClientError", reject);
    server.listen(0, "127.0.0.1", () => {
      const client = tls.connect({ ...clientOptions, host: "127.0.0.1", port: server.address().port });
      client.on("data", resolve);
      client.on("error", reject);
      client.on("close", () => server.close(() => reject(new Error("closed without an octet"))));
    });
  });
}

const questions = {
  verify: (purpose, name, directory, trust) =>
    purpose === "server"
      ? handshake(identity(directory), { ...verifying(trust), ...named(name) })
      : handshake(
          { ...identity(directory), ...verifying(trust), requestCert: true },
          { ...identity(directory), rejectUnauthorized: false },
        ),
  tls: (server, client, trust, name) =>
    handshake(
      { ...identity(server), ...verifying(`${server}/ca.pem`), requestCert: true },
      { ...(client === "-" ? {} : identity(client)), ...verifying(trust), ...named(name) },
    ),
};

(async () => {
  for (const line of fs.readFileSync(0, "utf8").trimEnd().split("\n")) {
    const [question, ...fields] = line.split("\t");
    try {
      await questions[question](...fields);
      console.log("ok");
    } catch (error) {
      console.log("no:", error.message.trim());
    }
  }
})();
