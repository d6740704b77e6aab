//! The TLS libraries, each with a program that makes one connection and says what goes wrong.
//!
//! Programs of the languages take ROLE PORT KEY=VALUE...: `cert`, `key`, `ca` and `crl` are files, `name` is what a
//! client dials, `clients=require` has a server demand a certificate, `version` is the only one, `cipher` the only
//! suite, by OpenSSL's name.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    cases::{
        Case,
        Refuser::{self, Client, Server},
    },
    material::{Material, Options},
    rustls,
    support::{Run, program},
};

pub(crate) struct Stack {
    pub(crate) name: &'static str,
    /// What its client and its server are called
    pub(crate) programs: [&'static str; 2],
    pub(crate) run: Program,
    /// Options that it does not have
    pub(crate) lacks: &'static [&'static str],
}

/// What makes a connection.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    Command(fn(&Material, Refuser, u16, &Options) -> Command),
    Inside(fn(Refuser, Option<&TcpListener>, u16, &Options) -> String),
}

pub(crate) static OPENSSL: Stack = Stack {
    name: "openssl",
    programs: ["openssl client", "openssl server"],
    run: Program::Command(openssl),
    lacks: &[],
};

pub(crate) static ALL: &[Stack] = &[
    Stack {
        name: "java",
        programs: ["java client", "java server"],
        run: Program::Command(java),
        lacks: &["crl"],
    },
    Stack {
        name: "erlang",
        programs: ["erlang client", "erlang server"],
        run: Program::Command(erlang),
        lacks: &["crl"],
    },
    Stack {
        name: "openssl",
        programs: ["openssl client", "openssl server"],
        run: Program::Command(openssl),
        lacks: &[],
    },
    Stack {
        name: "gnutls",
        programs: ["gnutls client", "gnutls server"],
        run: Program::Command(gnutls),
        lacks: &["crl"],
    },
    Stack {
        name: "go",
        programs: ["go client", "go server"],
        run: Program::Command(go),
        lacks: &["crl"],
    },
    Stack {
        name: "node",
        programs: ["node client", "node server"],
        run: Program::Command(node),
        lacks: &[],
    },
    Stack {
        name: "python",
        programs: ["python client", "python server"],
        run: Program::Command(python),
        lacks: &[],
    },
    Stack {
        name: "rustls",
        programs: ["rustls client", "rustls server"],
        run: Program::Inside(rustls::peer),
        lacks: &["crl"],
    },
    Stack {
        name: "curl",
        programs: ["curl", ""],
        run: Program::Command(curl),
        lacks: &[],
    },
];

impl Stack {
    pub(crate) fn program(&self, side: Refuser) -> &'static str {
        self.programs[usize::from(side == Server)]
    }

    pub(crate) fn has(&self, side: Refuser) -> bool {
        !self.program(side).is_empty()
    }

    /// Whether it can be set up so.
    pub(crate) fn can(&self, case: &Case, side: Refuser) -> bool {
        let more = if side == Server {
            case.server.2
        } else {
            case.client.2
        };
        self.has(side) && !self.lacks.iter().any(|option| more.contains(option))
    }
}

/// Compiles what has to be, once.
pub(crate) fn compile(folder: &Path) -> (PathBuf, PathBuf) {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain");
    let go = folder.join("peer");
    drop(
        Run::of(
            program("go")
                .args(["build", "-o"])
                .arg(&go)
                .arg(sources.join("peer.go")),
        )
        .expect_status(0),
    );
    drop(
        Run::of(
            program("javac")
                .arg("-d")
                .arg(folder)
                .arg(sources.join("Peer.java")),
        )
        .expect_status(0),
    );
    (go, folder.to_owned())
}

fn word(side: Refuser) -> &'static str {
    if side == Server { "server" } else { "client" }
}

/// ROLE PORT KEY=VALUE...
fn told(mut command: Command, side: Refuser, port: u16, options: &Options) -> Command {
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain"));
    command.args([word(side), &port.to_string()]);
    command.args(options.iter().map(|(key, value)| format!("{key}={value}")));
    command
}

fn python(_: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("python3");
    command.arg("peer.py");
    told(command, side, port, options)
}

fn node(_: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("node");
    command.arg("peer.js");
    told(command, side, port, options)
}

fn go(material: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    told(program(&material.go), side, port, options)
}

fn erlang(_: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("escript");
    command.arg("peer.escript");
    told(command, side, port, options)
}

fn java(material: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("java");
    command.args([
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Djava.net.preferIPv4Stack=true",
        "-cp",
    ]);
    command.arg(&material.java).arg("Peer");
    told(command, side, port, options)
}

/// The value of an option, or what stands for none.
fn of<'o>(options: &'o Options, key: &str) -> Option<&'o str> {
    options.get(key).map(String::as_str)
}

fn openssl(_: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("openssl");
    let address = format!("127.0.0.1:{port}");
    match side {
        Server => command.args(["s_server", "-naccept", "3", "-accept", &address]),
        Client => {
            let name = of(options, "name").unwrap_or("localhost");
            let is_address = name.parse::<std::net::IpAddr>().is_ok();
            let (check, sni) = if is_address {
                ("-verify_ip", "localhost")
            } else {
                ("-verify_hostname", name)
            };
            command.args([
                "s_client",
                "-connect",
                &address,
                "-servername",
                sni,
                check,
                name,
            ])
        }
    };
    command.arg("-verify_return_error");
    for (key, option) in [
        ("cert", "-cert"),
        ("cert", "-cert_chain"),
        ("key", "-key"),
        ("ca", "-CAfile"),
        ("crl", "-CRL"),
    ] {
        if let Some(value) = of(options, key) {
            command.args([option, value]);
        }
    }
    if options.contains_key("crl") {
        command.arg("-crl_check_all");
    }
    if options.contains_key("clients") {
        command.args(["-Verify", "5"]);
    }
    match of(options, "version") {
        Some("1.2") => {
            command.arg("-tls1_2");
        }
        Some(_) => {
            command.arg("-tls1_3");
        }
        None => {}
    }
    if let Some(cipher) = of(options, "cipher") {
        command.args(["-tls1_2", "-cipher", cipher]);
    }
    command
}

fn gnutls(_: &Material, side: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program(if side == Server {
        "gnutls-serv"
    } else {
        "gnutls-cli"
    });
    command.args(["-p", &port.to_string()]);
    match side {
        Server if options.contains_key("clients") => {
            command.args(["--echo", "--require-client-cert", "--verify-client-cert"]);
        }
        Server => {
            command.args(["--echo", "--disable-client-cert"]);
        }
        Client => {
            let name = of(options, "name").unwrap_or("localhost");
            command.args([
                "127.0.0.1",
                "--verify-hostname",
                name,
                "--sni-hostname",
                "localhost",
            ]);
        }
    }
    for (key, option) in [
        ("cert", "--x509certfile"),
        ("key", "--x509keyfile"),
        ("ca", "--x509cafile"),
        ("crl", "--x509crlfile"),
    ] {
        if let Some(value) = of(options, key) {
            command.args([option, value]);
        }
    }
    if let Some(version) = of(options, "version") {
        command.args([
            "--priority",
            &format!("NORMAL:-VERS-ALL:+VERS-TLS{version}"),
        ]);
    }
    if let Some(cipher) = of(options, "cipher") {
        let cipher = if cipher.contains("CHACHA") {
            "CHACHA20-POLY1305"
        } else {
            "AES-256-GCM"
        };
        command.args([
            "--priority",
            &format!("NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+{cipher}"),
        ]);
    }
    command
}

fn curl(_: &Material, _: Refuser, port: u16, options: &Options) -> Command {
    let mut command = program("curl");
    let name = of(options, "name").unwrap_or("localhost");
    command.args([
        "-sS",
        "-m",
        "10",
        "--resolve",
        &format!("{name}:{port}:127.0.0.1"),
    ]);
    command.args(["--connect-to", &format!("{name}:{port}:127.0.0.1:{port}")]);
    for (key, option) in [
        ("cert", "--cert"),
        ("key", "--key"),
        ("ca", "--cacert"),
        ("crl", "--crlfile"),
        ("cipher", "--ciphers"),
    ] {
        if let Some(value) = of(options, key) {
            command.args([option, value]);
        }
    }
    match (of(options, "version"), options.contains_key("cipher")) {
        (Some("1.2"), _) | (None, true) => {
            command.args(["--tls-max", "1.2"]);
        }
        (Some(_), _) => {
            command.arg("--tlsv1.3");
        }
        (None, false) => {}
    }
    command.arg(format!("https://{name}:{port}/"));
    command
}
