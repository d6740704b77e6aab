//! The TLS of Erlang, Go, Java and Node.js, asking for client certificates in each way, in both versions.

use std::path::Path;

use crate::{
    scene::{Scene, local},
    support::{
        process::{Server, free_port},
        program,
    },
};

/// The client's options, and what is found then.
type Way = (&'static [&'static str], &'static [&'static str]);

/// Whether clients are asked, and what each then finds.
const WAYS: [(&str, &[Way]); 3] = [
    (
        "none",
        &[
            (&[], &[]),
            (&["--with", "app"], &["client-certificate-not-asked"]),
        ],
    ),
    (
        "request",
        &[(&["--with", "app"], &["client-certificate-not-required"])],
    ),
    (
        "require",
        &[
            (&["--with", "app"], &[]),
            (&[], &[]),
            // A server's certificate is no client's.
            (&["--with", "web"], &["client-certificate-refused"]),
        ],
    ),
];

/// What runs a server; its arguments are a directory, a port, whether clients are asked, and a version.
fn every_way(interpreter: &[&str]) {
    let scene = Scene::new();
    scene.run(&["issue", "web", "--profile", "server"]);
    for (version, (clients, ways)) in ["1.2", "1.3"]
        .into_iter()
        .flat_map(|version| WAYS.map(|it| (version, it)))
    {
        let port = free_port();
        let mut command = program(interpreter[0]);
        command.args(&interpreter[1..]).arg(scene.of("node1", ""));
        command.args([&port.to_string(), clients, version]);
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe"));
        let _server = Server::start(&mut command, port);
        for (options, codes) in ways {
            let address = local(port);
            let seen = scene.probe(&[&[address.as_str()], *options].concat());
            let what = format!("{interpreter:?} {version} {clients} {options:?}");
            seen.expect(&what, codes);
            assert_eq!(
                seen.endpoint()["protocol"],
                format!("TLS {version}"),
                "{what}"
            );
            let required = &seen.endpoint()["client_certificate"]["required"];
            match clients {
                "require" => assert_eq!(required, true, "{what}"),
                "request" => assert_eq!(required, false, "{what}"),
                _ => assert!(required.is_null(), "{what}"),
            }
        }
    }
}

#[test]
fn erlang() {
    every_way(&["escript", "server.escript"]);
}

#[test]
fn go() {
    every_way(&["go", "run", "server.go"]);
}

#[test]
fn java() {
    every_way(&["java", "Server.java"]);
}

#[test]
fn node() {
    every_way(&["node", "server.js"]);
}
