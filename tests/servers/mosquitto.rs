//! Mosquitto: clients, websockets, a bridge to another broker, and new files by a signal.

use std::{fs, net::SocketAddr, path::Path, thread, time::Duration};

use crate::{
    Identity, Material, client_of,
    process::{Server, free_port, until},
    stranger_beside,
    support::{Run, program, walk::Walk},
};

/// What `certctl config` writes for a broker with these listeners, the first of them at a port; `check` finds nothing.
fn written(material: &Material, node: &str, port: u16, more: &[&str]) -> String {
    let listener = format!("listener={port} 127.0.0.1");
    // Where root runs the tests, the broker would become a user that can read nothing here.
    let version = ["--server-version", "2.0.11", "--set", "user=root"];
    let words = ["mosquitto", node, "--set", &listener];
    let text = material.config(&[&words[..], &version, more].concat());
    let file = material.file("checked.conf", &text).display().to_string();
    material.run(&["check", &file, "--server", "mosquitto"]);
    text
}

fn start(material: &Material, name: &str, port: u16, text: &str) -> Server {
    let file = material.file(name, text);
    Server::start(program("mosquitto").arg("-c").arg(file), port)
}

/// One of Mosquitto's clients, with these words behind what it takes to connect.
fn client(name: &str, port: u16, trust: &Path, shown: Option<&Identity>, more: &[&str]) -> Run {
    let mut command = program(name);
    command.args(["-h", "localhost", "-p", &port.to_string(), "--cafile"]);
    command.arg(trust).args(["-t", "news"]);
    if let Some(identity) = shown {
        command.arg("--cert").arg(&identity.cert);
        command.arg("--key").arg(&identity.key);
    }
    Run::of(command.args(more))
}

fn publishes(port: u16, trust: &Path, shown: Option<&Identity>) -> bool {
    let run = client(
        "mosquitto_pub",
        port,
        trust,
        shown,
        &["-q", "1", "-m", "hi"],
    );
    run.status == Some(0)
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    let material = Material::new();
    let port = free_port();
    let text = written(&material, "node1", port, &["--client-ca", "root"]);
    let _server = start(&material, "mosquitto.conf", port, &text);
    let app = material.identity("app");
    assert!(publishes(port, &app.trust, Some(&app)));
    for (name, identity) in material.unwelcome() {
        assert!(!publishes(port, &identity.trust, Some(&identity)), "{name}");
    }
    assert!(!publishes(port, &app.trust, None));
    assert!(!publishes(port, &material.stranger().trust, Some(&app)));
    let plain = [
        "-h",
        "localhost",
        "-p",
        &port.to_string(),
        "-t",
        "t",
        "-m",
        "hi",
    ];
    assert_ne!(
        Run::of(program("mosquitto_pub").args(plain)).status,
        Some(0)
    );
}

#[test]
fn clients_of_websockets_need_a_certificate_too() {
    let material = Material::new();
    let (port, other) = (free_port(), free_port());
    let mutual = ["--client-ca", "root", "--listener", "websockets"];
    let text = written(&material, "node1", port, &mutual);
    // This release takes websockets alone for no listener at all.
    let text = format!("{text}listener {other} 127.0.0.1\n");
    let _server = start(&material, "mosquitto.conf", port, &text);
    let app = material.identity("app");
    let speaks = |shown: Option<&Identity>| {
        let mut openssl = program("openssl");
        openssl.args(["s_client", "-quiet", "-verify_return_error", "-connect"]);
        openssl.arg(format!("localhost:{port}"));
        openssl.arg("-CAfile").arg(&app.trust);
        if let Some(identity) = shown {
            openssl.arg("-cert").arg(&identity.cert);
            openssl.arg("-cert_chain").arg(&identity.cert);
            openssl.arg("-key").arg(&identity.key);
        }
        let asked = "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        Run::with_input(&mut openssl, asked)
            .stdout
            .contains("HTTP/1.1 101")
    };
    until("it speaks websockets", || speaks(Some(&app)));
    for (name, identity) in material.unwelcome() {
        assert!(!speaks(Some(&identity)), "{name}");
    }
    assert!(!speaks(None));
}

/// The serial number of the certificate that is shown.
fn serial(port: u16, identity: &Identity) -> String {
    let mut client = program("openssl");
    client.args(["s_client", "-connect", &format!("localhost:{port}")]);
    client
        .arg("-cert")
        .arg(&identity.cert)
        .arg("-key")
        .arg(&identity.key);
    let shown = Run::with_input(&mut client, "").stdout;
    let mut x509 = program("openssl");
    Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
}

#[test]
fn revoked_clients_are_refused_and_new_files_read_without_a_restart() {
    let material = Material::new();
    let port = free_port();
    let (app, lost) = (material.identity("app"), material.copy("lost"));
    {
        let text = written(&material, "node1", port, &["--client-ca", "root"]);
        let _server = start(&material, "before.conf", port, &text);
        assert!(publishes(port, &lost.trust, Some(&lost)));
    }
    material.revoke("lost");
    let pid = material.home().join("mosquitto.pid");
    let text = written(&material, "node1", port, &["--client-ca", "root"]);
    assert!(text.contains("\ncrlfile "), "{text}");
    let text = format!("{text}pid_file {}\n", pid.display());
    let _server = start(&material, "after.conf", port, &text);
    assert!(publishes(port, &app.trust, Some(&app)));
    assert!(!publishes(port, &lost.trust, Some(&lost)));

    let old = serial(port, &app);
    assert!(old.starts_with("serial="), "{old}");
    material.run(&["renew", "node1", "--force"]);
    until("its number is written", || {
        fs::read_to_string(&pid).is_ok_and(|it| it.trim().parse::<u32>().is_ok())
    });
    let number = fs::read_to_string(&pid).expect("it is written");
    let mut kill = program("kill");
    drop(Run::of(kill.args(["-HUP", number.trim()])).expect_status(0));
    until("the new certificate is shown", || {
        let new = serial(port, &app);
        new.starts_with("serial=") && new != old
    });
    assert!(publishes(port, &app.trust, Some(&app)));
}

/// Whether what is said at one broker is heard at another.
fn is_heard(walk: &Walk, from: SocketAddr, to: SocketAddr) -> bool {
    let app = client_of(walk, "app");
    let at = |name: &str, at: SocketAddr, more: &[&str]| {
        let mut command = program(name);
        command.args(["-h", &at.ip().to_string(), "-p", &at.port().to_string()]);
        // Not the walk's topic, where what was said is kept.
        command.args(["-t", "other", "--cafile"]).arg(&app.trust);
        command
            .arg("--cert")
            .arg(&app.cert)
            .arg("--key")
            .arg(&app.key);
        Run::of(command.args(more))
    };
    thread::scope(|scope| {
        let hear = scope.spawn(|| at("mosquitto_sub", to, &["-C", "1", "-W", "5"]));
        while !hear.is_finished() {
            let said = at("mosquitto_pub", from, &["-q", "1", "-m", "hi"]);
            assert_eq!(said.status, Some(0), "{said:?}");
            thread::sleep(Duration::from_millis(100));
        }
        hear.join().expect("it ends").stdout == "hi\n"
    })
}

#[test]
fn a_bridge_carries_messages_and_a_strangers_does_not() {
    let walk = Walk::of("mosquitto");
    walk.lay();
    walk.open();
    let laid = |number: u8| {
        let file = walk.numbered(number).join("etc/mosquitto/conf.d/tls.conf");
        fs::read_to_string(file).expect("it is laid")
    };
    let run = |name: &str, text: &str, at| {
        let file = walk.certctl.home().join(name);
        // Where root runs the tests, the broker would become a user that can read nothing here.
        fs::write(&file, format!("user root\n{text}")).expect("our own");
        Server::start_at(program("mosquitto").arg("-c").arg(file), at)
    };
    let [near, remote] = [1, 2].map(|number| walk.at(number, 8883));
    let _remote = run("remote.conf", &laid(2), remote);
    let _near = run("near.conf", &laid(1), near);
    assert!(is_heard(&walk, near, remote));
    assert!(is_heard(&walk, remote, near));
    walk.look();

    // Another root's certificate at the bridge, on a port of its own; for clients it is the first.
    let (own, stranger) = (
        walk.numbered(1).join("etc/mosquitto/tls"),
        stranger_beside(&walk),
    );
    let strange = walk.at(1, free_port());
    let text = laid(1);
    let (listener, bridge) = text.split_once("\nconnection ").expect("it is written");
    let path = |path: &Path| path.display().to_string();
    let bridge = bridge
        .replace(&path(&own.join("cert.pem")), &path(&stranger.cert))
        .replace(&path(&own.join("key.pem")), &path(&stranger.key))
        .replacen("node1", "strange", 1);
    let listener = listener.replace("listener 8883", &format!("listener {}", strange.port()));
    let text = format!("{listener}\nconnection {bridge}");
    let _strange = run("strange.conf", &text, strange);
    assert!(!is_heard(&walk, strange, remote));
    assert!(is_heard(&walk, near, remote));
}
