//! stunnel at both ends: a plain client, TLS in between, a plain server.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
};

use crate::{
    Material,
    process::{Server, free_port},
    support::program,
};

/// A server that sends back what it gets; it goes with the test's process.
fn echo() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut octets = [0; 64];
                while let Ok(length @ 1..) = stream.read(&mut octets) {
                    if stream.write_all(&octets[..length]).is_err() {
                        break;
                    }
                }
            });
        }
    });
    port
}

fn start(material: &Material, name: &str, port: u16, text: &str) -> Server {
    // Commands of certctl name the production's place for the process's number; here it needs none.
    let mut command = program("stunnel4");
    command.arg(material.file(name, text));
    Server::start(&mut command, port)
}

/// Whether what goes in at one end comes back from the other.
fn passes(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let mut answer = [0; 5];
    stream.write_all(b"hello").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"hello"
}

/// One tunnel from a client of this entry; `change` alters its configuration.
fn tunnel(material: &Material, entry: &str, host: &str, change: impl Fn(String) -> String) -> bool {
    tunnel_to(material, |text| text, entry, host, change)
}

/// The same to a server whose configuration is altered too.
fn tunnel_to(
    material: &Material,
    change_server: impl Fn(String) -> String,
    entry: &str,
    host: &str,
    change: impl Fn(String) -> String,
) -> bool {
    let (behind, tls, plain) = (echo(), free_port(), free_port());
    let set = |key: &str, port: u16| format!("{key}=127.0.0.1:{port}");
    let server = material.config(&[
        "stunnel",
        "node1",
        "--listener",
        "server",
        "--client-ca",
        "root",
        "--set",
        &set("accept", tls),
        "--set",
        &set("connect", behind),
    ]);
    let client = material.config(&[
        "stunnel",
        entry,
        "--listener",
        "client",
        "--set",
        &set("accept", plain),
        "--set",
        &set("connect", tls),
        "--set",
        &format!("checkHost={host}"),
    ]);
    let _server = start(material, "server.conf", tls, &change_server(server));
    let _client = start(material, "client.conf", plain, &change(client));
    passes(plain)
}

#[test]
fn only_the_right_ends_meet() {
    let material = Material::new();
    let same = |text: String| text;
    assert!(tunnel(&material, "app", "node1", same));
    assert!(!tunnel(&material, "old", "node1", same), "expired");
    // checkIP would hold as well: the certificate has the address.
    let without_ip = |text: String| {
        text.lines()
            .filter(|line| !line.starts_with("checkIP"))
            .collect::<Vec<_>>()
            .join("\n")
            + "\n"
    };
    assert!(
        !tunnel(&material, "app", "other.test", without_ip),
        "another name"
    );
    let wrong_root = material.stranger().trust.display().to_string();
    let right_root = material.identity("app").trust.display().to_string();
    assert!(
        !tunnel(&material, "app", "node1", |text| text
            .replace(&right_root, &wrong_root)),
        "wrong root"
    );
    let bare = |text: String| {
        let shows = |line: &&str| !line.starts_with("cert =") && !line.starts_with("key =");
        text.lines().filter(shows).collect::<Vec<_>>().join("\n") + "\n"
    };
    assert!(!tunnel(&material, "app", "node1", bare), "no certificate");
}

#[test]
fn revoked_ends_do_not_meet() {
    let material = Material::new();
    let same = |text: String| text;
    let [lost, revoked] = ["lost", "node3"].map(|name| material.copy(name).directory());
    let [app, node1] = ["app", "node1"].map(|name| material.identity(name).directory());
    let as_lost = |text: String| text.replace(&app, &lost);
    let as_revoked = |text: String| text.replace(&node1, &revoked);
    assert!(tunnel(&material, "app", "node1", as_lost));
    assert!(tunnel_to(&material, as_revoked, "app", "node3", same));
    material.revoke("lost");
    material.revoke("node3");
    assert!(tunnel(&material, "app", "node1", same));
    assert!(!tunnel(&material, "app", "node1", as_lost), "client");
    assert!(
        !tunnel_to(&material, as_revoked, "app", "node3", same),
        "server"
    );
}
