//! memcached: clients, and new files by a command.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    support::{Run, program, walk::Walk},
};

/// Says something, with certificate and roots, and prints the first line that comes back.
const SPEAK: &str = r#"
import socket, ssl, sys
port, says, trust, *own = sys.argv[1:]
context = ssl.create_default_context(cafile=trust)
if own:
    context.load_cert_chain(*own)
connection = context.wrap_socket(socket.create_connection(("localhost", int(port)), 10), server_hostname="localhost")
connection.sendall(says.encode() + b"\r\n")
print(connection.getpeercert()["serialNumber"], connection.recv(100).decode())
"#;

fn say(port: u16, words: &str, trust: &Path, shown: Option<&Identity>) -> Run {
    let mut command = program("python3");
    command
        .args(["-c", SPEAK, &port.to_string(), words])
        .arg(trust);
    if let Some(identity) = shown {
        command.arg(&identity.cert).arg(&identity.key);
    }
    Run::of(&mut command)
}

/// A server that runs with what `certctl config` writes.
fn start(material: &Material, port: u16) -> Server {
    let port_setting = format!("port={port}");
    let words = ["memcached", "node1", "--as", "flags", "--client-ca", "root"];
    // Where root runs the tests, it wants to be told whom to become.
    let set = [
        "--set",
        &port_setting,
        "--set",
        "listen=127.0.0.1",
        "--set",
        "user=root",
    ];
    let text = material.config(&[&words[..], &set].concat());
    let file = material.file("memcached.sh", &text).display().to_string();
    material.run(&["check", &file, "--server", "memcached"]);
    let mut command = program("sh");
    Server::start(command.args(["-c", &format!("exec {text}")]), port)
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    let material = Material::new();
    let port = free_port();
    let _server = start(&material, port);
    let app = material.identity("app");
    let answers = |trust: &Path, shown: Option<&Identity>| {
        say(port, "version", trust, shown)
            .stdout
            .contains("VERSION")
    };
    assert!(answers(&app.trust, Some(&app)));
    for (name, identity) in material.unwelcome() {
        assert!(!answers(&identity.trust, Some(&identity)), "{name}");
    }
    assert!(!answers(&app.trust, None));
    assert!(!answers(&material.stranger().trust, Some(&app)));
}

#[test]
fn new_files_are_read_by_a_command() {
    let material = Material::new();
    let port = free_port();
    let _server = start(&material, port);
    let app = material.identity("app");
    let serial = || {
        let said = say(port, "version", &app.trust, Some(&app))
            .expect_status(0)
            .stdout;
        said.split(' ').next().expect("it is there").to_owned()
    };
    let old = serial();
    material.run(&["renew", "node1", "--force"]);
    let run = say(port, "refresh_certs", &app.trust, Some(&app));
    assert!(run.stdout.contains("OK"), "{run:?}");
    until("the new certificate is shown", || serial() != old);
}

#[test]
fn the_walk_ends_at_three_servers_that_let_in_by_certificate() {
    let walk = Walk::of("memcached");
    walk.lay();
    let _servers = [1, 2, 3].map(|number| {
        let file = walk.numbered(number).join("etc/memcached.conf");
        let text = fs::read_to_string(file).expect("it is laid");
        let mut command = program("memcached");
        // As Debian's start script does with each line.
        command.args(text.lines().filter(|line| line.starts_with('-')));
        Server::start_at(&mut command, walk.at(number, 11211))
    });
    walk.look();
}
