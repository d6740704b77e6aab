//! Why the two need not agree.

use certctl::emit::Catalogue;

/// What a program refuses, and `check` does not look at: the program, its words, and why.
const SILENT: [(&str, &str, &str); 71] = [
    (
        "nginx",
        "\"load_module\" directive is not allowed here",
        "where modules are loaded is not TLS's",
    ),
    (
        "apache",
        "Cannot load ",
        "whether a file is a program's library is not looked at",
    ),
    (
        "mosquitto",
        "Duplicate ",
        "nobody says which version it is: a later one takes the last",
    ),
    (
        "mosquitto",
        "Unable to load auth plugin",
        "whether a file is a program's library is not looked at",
    ),
    (
        "cassandra",
        "Unknown listen_address",
        "which addresses there are is the machine's",
    ),
    (
        "cassandra",
        "Unknown host in rpc_address",
        "which addresses there are is the machine's",
    ),
    (
        "cassandra",
        "ISslContextFactory for example.test;",
        "a class of one's own may be called so",
    ),
    (
        "kafka",
        "Missing required configuration \"node.id\"",
        "which node it is is not TLS's, and certctl writes a part of the file",
    ),
    (
        "kafka",
        "Missing required configuration \"process.roles\"",
        "which node it is is not TLS's, and certctl writes a part of the file",
    ),
    (
        "kafka",
        "controller.quorum.voters",
        "which controllers there are is not TLS's",
    ),
    (
        "kafka",
        "configuration node.id",
        "which node it is is not TLS's",
    ),
    (
        "memcached",
        "invalid option -- ",
        "later versions bring options of one letter, too",
    ),
    (
        "memcached-file",
        "invalid option -- ",
        "later versions bring options of one letter, too",
    ),
    (
        "memcached",
        "getaddrinfo(): ",
        "which names there are is the machine's",
    ),
    (
        "memcached-file",
        "getaddrinfo(): ",
        "which names there are is the machine's",
    ),
    (
        "rabbitmq",
        "Certificate required",
        "whose certificates are let in is for the operator to say: others' roots may be meant",
    ),
    (
        "mosquitto",
        "Name or service not known",
        "which names there are is the machine's",
    ),
    (
        "pgbouncer",
        "syntax error in connection string",
        "among databases a setting is a database's name, and where that lies is not TLS's",
    ),
    (
        "pgbouncer",
        "invalid value \"ldap\"",
        "nobody says which version it is: a later one takes it",
    ),
    (
        "pgbouncer",
        "nowhere to listen on",
        "its socket is taken away so that several can run",
    ),
    (
        "pgbouncer",
        "FATAL getaddrinfo(",
        "which names there are is the machine's",
    ),
    (
        "rqlite",
        "syntax error in pattern",
        "how the folder of the data may be called is not TLS's",
    ),
    (
        "erlang",
        "badarg",
        "a list of tuples is a value that options may have, so a side within a side is taken for an option",
    ),
    (
        "mosquitto",
        "Unknown configuration variable",
        "nobody says which version it is: a later one takes it, and what none takes is told",
    ),
    (
        "mosquitto",
        "Invalid protocol value (http_api)",
        "nobody says which version it is: a later one takes it",
    ),
    (
        "mosquitto",
        "because this user does not exist",
        "which users there are is the machine's",
    ),
    (
        "mosquitto",
        "Invalid bridge",
        "which topics there are is not TLS's",
    ),
    (
        "mosquitto",
        "Invalid line in acl_file",
        "who may read and write which topics is not TLS's",
    ),
    (
        "mosquitto",
        "Empty topic value",
        "which topics there are is not TLS's",
    ),
    (
        "mosquitto",
        "Unable to start any listening sockets",
        "this version does not count websockets: a later one does",
    ),
    (
        "apache",
        "Unable to load SRP verifier file",
        "passwords are not TLS's",
    ),
    (
        "apache",
        "no private key assigned",
        "what OpenSSL's own commands name is read one by one: which key goes with which is not compared",
    ),
    (
        "redis",
        "Aborting Redis startup because of ACL errors",
        "users are not TLS's",
    ),
    (
        "apache",
        "no stapling cache available",
        "a file may be a part of several, and the cache is for the whole server",
    ),
    (
        "redis",
        "Active defragmentation cannot be enabled",
        "how Redis was built is not in its file",
    ),
    (
        "redis",
        "tls-auth-clients-user",
        "nobody says which version it is: a later one takes it",
    ),
    (
        "nats",
        "unknown field",
        "later versions bring options: only what is near a known one is told",
    ),
    (
        "postgresql",
        "file \"server.",
        "where nothing is said its files are in the data directory, and a file may be a part of several",
    ),
    (
        "nats",
        "Duplicate route entry",
        "which other nodes there are is not TLS's",
    ),
    (
        "apache",
        "Unable to parse URL",
        "what is behind is not TLS's",
    ),
    (
        "apache",
        "} is not defined",
        "variables come from the environment too",
    ),
    ("haproxy", "in port number", "what is behind is not TLS's"),
    (
        "nginx",
        "\" variable",
        "modules bring variables of their own",
    ),
    (
        "apache",
        "ProxyPass URL must be absolute",
        "what is behind is not TLS's",
    ),
    (
        "apache",
        "needs a path when not defined",
        "what is behind is not TLS's",
    ),
    (
        "apache",
        "Header requires three arguments",
        "headers are not TLS's",
    ),
    (
        "redis",
        "Invalid master port",
        "which master there is, is not TLS's",
    ),
    (
        "haproxy",
        "could not resolve address",
        "names are looked up on the machine that runs it",
    ),
    (
        "apache",
        "Invalid command",
        "modules bring directives of their own: only what is near a known one is told",
    ),
    (
        "nginx",
        "unknown directive",
        "modules bring directives of their own: only what is near a known one is told",
    ),
    (
        "redis",
        "Module Configuration detected",
        "modules bring options of their own",
    ),
    (
        "nginx",
        "host not found in",
        "names are looked up on the machine that runs it",
    ),
    ("nginx", "in upstream", "what is behind is not TLS's"),
    ("nginx", "invalid URL prefix", "what is behind is not TLS's"),
    (
        "nginx",
        "location modifier",
        "which pages there are is not TLS's",
    ),
    ("apache", "Unknown parameter: ", "headers are not TLS's"),
    (
        "apache",
        "first argument must be 'add'",
        "headers are not TLS's",
    ),
    ("apache", "Invalid ProxyPass", "what is behind is not TLS's"),
    (
        "haproxy",
        "unable to find required default_backend",
        "which backends there are is not TLS's",
    ),
    (
        "haproxy",
        "is not permitted in",
        "how sections are called is not TLS's",
    ),
    (
        "haproxy",
        "expression",
        "what expressions mean is not TLS's",
    ),
    ("haproxy", "in 'timeout", "how long is waited is not TLS's"),
    ("haproxy", "no listener", "a file may be a part of several"),
    (
        "openbao",
        "storage backend must be specified",
        "a file may be a part of several",
    ),
    (
        "openbao",
        "unknown storage type",
        "where its data lie is not TLS's",
    ),
    (
        "openbao",
        "missing API address",
        "how others reach it may stand in the environment",
    ),
    (
        "openbao",
        "cluster address must be set",
        "how others reach it may stand in the environment",
    ),
    (
        "openbao",
        "Error initializing core: redirect address",
        "how others reach it is not TLS's",
    ),
    (
        "openbao",
        "listener of type tcp: listen tcp",
        "where it listens is not TLS's",
    ),
    (
        "openbao",
        "Error resolving cluster_address",
        "where it listens is not TLS's",
    ),
    (
        "stunnel",
        "inetd mode",
        "a service may be started by another program, which has the connection",
    ),
];

/// What is an error though the program takes it: the program, the code, and why.
const ERRORS: [(&str, &str, &str); 69] = [
    (
        "cassandra",
        "address-not-named",
        "it runs, and other nodes refuse it",
    ),
    (
        "cassandra",
        "bad-line",
        "a comment behind a quote needs a blank before it (YAML 1.2 §6.6); its reader does without",
    ),
    (
        "cassandra",
        "nodes-without-certificates",
        "it runs, and whoever reaches the port may join",
    ),
    (
        "kafka",
        "wrong-store",
        "what is named for a listener that is not there is not read",
    ),
    (
        "kafka",
        "no-certificate",
        "it runs, and no handshake can be made",
    ),
    (
        "kafka",
        "client-ca-missing",
        "it runs, and takes what Java's own roots have signed",
    ),
    (
        "kafka",
        "unknown-option",
        "it passes over what it does not know, so that what was meant is not so",
    ),
    (
        "kafka-client",
        "unknown-option",
        "it passes over what it does not know, so that what was meant is not so",
    ),
    (
        "kafka",
        "bad-value",
        "what a store is is read with its file: where that is not named nobody looks",
    ),
    (
        "kafka-client",
        "bad-value",
        "what a store is is read with its file: where that is not named nobody looks",
    ),
    (
        "memcached",
        "bad-line",
        "it passes over words that are no option, so that what was meant is not so",
    ),
    ("memcached", "bad-value", "of a number it reads what it can"),
    (
        "memcached",
        "unknown-option",
        "it takes the beginning of a name as long as no other begins so",
    ),
    (
        "memcached-file",
        "bad-line",
        "it passes over words that are no option, so that what was meant is not so",
    ),
    (
        "memcached-file",
        "bad-value",
        "of a number it reads what it can",
    ),
    (
        "memcached-file",
        "unknown-option",
        "it takes the beginning of a name as long as no other begins so",
    ),
    (
        "openbao",
        "unknown-option",
        "it passes over what it does not know, so that what was meant is not so",
    ),
    (
        "openbao",
        "bad-value",
        "any number but 0 is true: a mistake all the same",
    ),
    (
        "nats",
        "client-ca-missing",
        "it runs, and takes what the system's roots have signed",
    ),
    (
        "rabbitmq",
        "client-ca-missing",
        "what is named for a listener that is not there is not read",
    ),
    (
        "rabbitmq",
        "bad-value",
        "of what stands twice the last counts, and what was overridden is told, too",
    ),
    (
        "mariadb",
        "missing-eku",
        "it ends before it looks into any file",
    ),
    (
        "etcd",
        "unknown-option",
        "it passes over what it does not know, so that what was meant is not so",
    ),
    (
        "etcd",
        "bad-line",
        "a comment behind a quote needs a blank before it (YAML 1.2 §6.6); its reader does without",
    ),
    (
        "erlang",
        "nodes-without-certificates",
        "it runs, and lets in whoever has no certificate",
    ),
    (
        "etcd",
        "client-ca-missing",
        "it runs, and takes what the system's roots have signed",
    ),
    (
        "mosquitto",
        "not-a-file",
        "what is meant for a bridge is read when it dials",
    ),
    (
        "mosquitto",
        "missing-eku",
        "it runs, and the other broker refuses it",
    ),
    (
        "mariadb",
        "leaf-is-ca",
        "it ends before it looks into any file",
    ),
    (
        "mariadb",
        "san-missing",
        "it ends before it looks into any file",
    ),
    (
        "mariadb",
        "unknown-option",
        "it takes the beginning of a name as long as no other begins so",
    ),
    (
        "pgbouncer",
        "missing-eku",
        "it runs, and PostgreSQL refuses it",
    ),
    (
        "mariadb",
        "file-missing",
        "it ends before it looks into any file",
    ),
    (
        "mariadb",
        "misplaced-option",
        "it does not read the group, runs without what stands there, and speaks plain text",
    ),
    (
        "mariadb",
        "not-a-file",
        "it ends before it looks into any file",
    ),
    (
        "mariadb",
        "key-mismatch",
        "it ends before it looks into any file",
    ),
    (
        "pgbouncer",
        "file-missing",
        "what is meant for PostgreSQL is read when it dials",
    ),
    (
        "pgbouncer",
        "not-a-file",
        "what is meant for PostgreSQL is read when it dials",
    ),
    (
        "pgbouncer",
        "key-mismatch",
        "what is meant for PostgreSQL is read when it dials",
    ),
    (
        "rqlite",
        "advertised-name",
        "it runs, and other nodes refuse it",
    ),
    (
        "stunnel",
        "not-verified",
        "it runs, and believes whoever answers",
    ),
    (
        "postgresql",
        "file-missing",
        "a folder of CRLs is missed at the handshake, and no file is looked for where `ssl` is off",
    ),
    (
        "postgresql",
        "not-a-file",
        "a folder of CRLs is missed at the handshake",
    ),
    (
        "redis",
        "nodes-without-certificates",
        "it runs, and anybody can speak as a node",
    ),
    (
        "rqlite",
        "bad-line",
        "it never sees what stands behind the end of its command, and the shell knows no such program",
    ),
    (
        "mosquitto",
        "client-ca-missing",
        "it runs, and refuses every client",
    ),
    (
        "mosquitto",
        "key-mismatch",
        "a bridge reads its files when it dials",
    ),
    (
        "mosquitto",
        "nobody-gets-in",
        "it runs, and refuses every client",
    ),
    (
        "mosquitto",
        "bad-value",
        "what stands beside a listener without TLS is not looked at",
    ),
    (
        "mosquitto",
        "file-missing",
        "a bridge reads its files when it dials, and a listener without TLS none",
    ),
    (
        "nats",
        "bad-line",
        "a bracket too many is a name, and what follows its value: no longer what it looks like",
    ),
    (
        "nats",
        "bad-value",
        "the same stands below and counts: it is a mistake all the same",
    ),
    ("*", "incomplete-options", "no certificate is shown"),
    ("*", "empty-folder", "peers below the own root are refused"),
    (
        "*",
        "security-level",
        "where the level is set after the certificate is read, each handshake fails",
    ),
    (
        "nginx",
        "file-missing",
        "a folder of roots is missed at the handshake: every peer is refused",
    ),
    (
        "nginx",
        "not-a-file",
        "a folder of roots is missed at the handshake: every peer is refused",
    ),
    (
        "redis",
        "file-missing",
        "it is missed at the handshake: every peer is refused",
    ),
    (
        "redis",
        "not-a-file",
        "it is missed at the handshake: every peer is refused",
    ),
    (
        "stunnel",
        "file-missing",
        "a folder is missed at the handshake, a program when it is to run",
    ),
    (
        "stunnel",
        "not-a-file",
        "a folder is missed at the handshake, a program when it is to run",
    ),
    (
        "*",
        "malformed",
        "what is missed there is missed at the handshake: every peer is refused",
    ),
    ("*", "trust-bundle", "peers below the own root are refused"),
    ("*", "expired", "peers refuse it"),
    ("*", "key-mode", "others can read the key"),
    ("*", "tls-switched-off", "it runs in plain text"),
    (
        "apache",
        "client-ca-missing",
        "a warning says that every client will be refused",
    ),
    (
        "haproxy",
        "misplaced-option",
        "a warning says that the line is ignored",
    ),
    (
        "stunnel",
        "bad-value",
        "`checkIP` is compared as it stands, so that each connection fails",
    ),
];

/// What stands before a word that a program does not know: the program, and how a later version may call an option.
const UNKNOWN: [(&str, &str, &str); 5] = [
    ("haproxy", "unknown keyword '", "-"),
    ("memcached", "unrecognized option '--", "-"),
    ("memcached-file", "unrecognized option '--", "-"),
    ("postgresql", "unrecognized configuration parameter \"", "_"),
    ("redis", ">>> '", "-_"),
];

/// Whether a program does not know a word that an option of a later version might have. What an option of today
/// is called, or what none is, must be told.
fn is_of_later(program: &str, words: &str) -> bool {
    let Some((_, mark, signs)) = UNKNOWN.iter().find(|(of, ..)| *of == program) else {
        return false;
    };
    let server = program.strip_suffix("-file").unwrap_or(program);
    let server = Catalogue::embedded().server(server).expect("it is known");
    let known: Vec<_> = server.names(&server.manifest.formats[0]).collect();
    let is_new = |name: &str| {
        let name = match server.manifest.ignores_case {
            true => name.to_ascii_lowercase(),
            false => name.to_owned(),
        };
        let is_part =
            |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || signs.contains(it);
        let begins = name.starts_with(|it: char| it.is_ascii_lowercase());
        begins && name.chars().all(is_part) && !known.contains(&&*name)
    };
    let names: Vec<_> = (words.split(mark).skip(1))
        .map(|rest| rest.split([' ', '\'', '"', '=']).next().unwrap_or_default())
        .collect();
    !names.is_empty() && names.iter().all(|name| is_new(name))
}

pub(crate) fn why_silent(program: &str, words: &str) -> Option<&'static str> {
    if is_of_later(program, words) {
        return Some("later versions bring options: only what is near a known one is told");
    }
    let mut all = SILENT.iter();
    let (_, _, why) = all.find(|(of, part, _)| is_for(of, program) && words.contains(part))?;
    Some(why)
}

pub(crate) fn why_error(program: &str, code: &str) -> Option<&'static str> {
    let mut all = ERRORS.iter();
    let (_, _, why) = all.find(|(of, it, _)| is_for(of, program) && *it == code)?;
    Some(why)
}

fn is_for(of: &str, program: &str) -> bool {
    ["*", program].contains(&of)
}
