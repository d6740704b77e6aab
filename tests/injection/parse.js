// Runs each program of a folder with stand-ins for all that it requires, and prints what those were given.
// Arguments: folder, number of files.
const fs = require('fs');
const vm = require('vm');

const [folder, count] = [process.argv[2], Number(process.argv[3])];

// Types leave nothing behind when they are taken away.
const untyped = (text) => text
  .replace(/^import \{ (\w+) \} from '([^']+)';$/gm, "const { $1 } = require('$2');")
  .replace(': Promise<void>', '')
  .replace('(error: Error)', '(error)');

function structure(text) {
  const given = [];
  const connect = (options) => {
    given.push(options);
    return { on() {}, async connect() {}, async ping() {}, async close() {}, async server() { return {}; } };
  };
  const modules = {
    'cassandra-driver': {
      Client: class {
        constructor(options) { given.push(options); }
        async connect() {}
        async execute() { return { rows: [{}] }; }
        async shutdown() {}
      },
    },
    fs: { readFileSync: (path) => ({ file: path }) },
    pg: {
      Client: class {
        constructor(options) { given.push(options); }
        on() {}
        async connect() {}
        async query() { return { rows: [{}] }; }
        async end() {}
      },
    },
    redis: { createClient: connect },
    rethinkdb: { connect },
    'rethinkdb-ts': { r: { connect } },
  };
  const context = { require: (name) => modules[name], process: { env: {} }, console: { log() {}, error() {} } };
  new vm.Script(untyped(text)).runInNewContext(context);
  return { given, names: Object.keys(context) };
}

for (let number = 0; number < count; number += 1) {
  let found;
  try {
    found = structure(fs.readFileSync(`${folder}/${number}`, 'utf8'));
  } catch (error) {
    found = { error: String(error) };
  }
  console.log(JSON.stringify(found));
}
