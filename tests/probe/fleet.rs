//! Many addresses: those that the PKI directory and fleet files name, hundreds at once, sockets in the file system.

use std::{
    os::unix::net::UnixListener,
    thread,
    time::{Duration, Instant},
};

use crate::{
    hostile::silent,
    scene::{Scene, local},
    support::program,
};

/// A server of the user's own, whose one listener has this port.
fn template(scene: &Scene, port: u16, more: &str) -> String {
    let directory = scene.home().join("templates/mine");
    std::fs::create_dir_all(&directory).expect("the test's directory can be written");
    let manifest = format!(
        "title = \"Mine\"\nversions = [\"1.0\"]\nreload = \"Send it a signal.\"\nproof = \"none\"\n\
         [[listener]]\nname = \"main\"\ntitle = \"all\"\nport = {port}\neku = [\"serverAuth\"]\n{more}\n\
         [[format]]\nname = \"conf\"\ntitle = \"lines\"\ntemplate = \"conf.j2\"\n"
    );
    std::fs::write(directory.join("server.toml"), manifest)
        .expect("the test's directory can be written");
    std::fs::write(directory.join("conf.j2"), "").expect("the test's directory can be written");
    scene.home().join("templates").display().to_string()
}

#[test]
fn the_pki_directory_gives_addresses() {
    let scene = Scene::new();
    scene.run(&["issue", "node1", "--force", "--san", "127.0.0.1,node1.test"]);
    scene.run(&["issue", "node2", "--force", "--san", "*.test"]);
    let (_server, port) = scene.openssl("node1", &[]);
    let templates = template(&scene, port, "");
    let all = [
        "--resolve",
        "node1=127.0.0.1",
        "--resolve",
        "node2=127.0.0.1",
        "--resolve",
        "node1.test=127.0.0.1",
    ];
    let seen = scene.probe(&[&["--server", "mine", "--templates", &templates], &all[..]].concat());
    // One server answers for both: what it shows is node1's.
    seen.expect("all nodes", &["host", "served-differs"]);
    let addresses = seen.0["endpoints"].as_array().expect("a list").iter();
    let addresses: Vec<_> = addresses
        .into_iter()
        .filter_map(|it| it["address"].as_str())
        .collect();
    assert_eq!(
        addresses,
        ["node1", "node1.test", "node2"].map(|it| format!("{it}:{port}"))
    );
    let hint = seen.0["findings"].as_array().expect("a list").iter();
    let hint = hint
        .filter(|it| it["code"] == "served-differs")
        .map(|it| &it["hint"])
        .next();
    assert_eq!(hint.expect("found"), "Send it a signal");
}

#[test]
fn fleet_files_give_addresses() {
    let scene = Scene::new();
    let (_server, port) = scene.openssl("node1", &[]);
    let templates = template(&scene, port, "");
    let fleet = "[[entry]]\nname = \"node1\"\n[[entry]]\nname = \"app\"\nprofile = \"client\"\n[[entry]]\nname = \"new\"\n";
    scene.file("fleet.toml", fleet);
    let words = [
        "--fleet",
        "fleet.toml",
        "--server",
        "mine.main",
        "--templates",
        &templates,
    ];
    let seen = scene.probe(
        &[
            &words[..],
            &["--resolve", "node1=127.0.0.1", "--resolve", "new=127.0.0.1"],
        ]
        .concat(),
    );
    seen.expect("the fleet", &["host"]);
}

#[test]
fn manifests_say_what_comes_before_tls() {
    let scene = Scene::new();
    let port = crate::hostile::postgresql_without_tls();
    let templates = template(&scene, port, "before = \"postgresql\"");
    let words = ["127.0.0.1", "--server", "mine", "--templates", &templates];
    let seen = scene.probe(&words);
    seen.expect("its words", &["plaintext"]);
    assert!(
        seen.message("plaintext")
            .contains("PostgreSQL with TLS switched off")
    );
}

/// 500 servers of which some never answer: it takes no longer than those, and the others are seen.
#[test]
fn hundreds_are_looked_at_at_once() {
    let scene = Scene::new();
    let (_server, port) = scene.openssl("node1", &[]);
    let silent = silent();
    let mut addresses = vec![local(port); 480];
    addresses.extend(vec![local(silent); 20]);
    let mut words: Vec<_> = addresses.iter().map(String::as_str).collect();
    words.extend(["--timeout", "3s"]);
    let began = Instant::now();
    let seen = scene.probe(&words);
    let took = began.elapsed();
    let found = seen.codes();
    assert_eq!(
        found.iter().filter(|it| **it == "handshake-failed").count(),
        20,
        "{found:?}"
    );
    assert_eq!(found.len(), 20, "{found:?}");
    // s_server takes one after the other; in a debug build, with others beside it.
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn sockets_in_the_file_system_are_looked_at() {
    let scene = Scene::new();
    let path = scene.home().join("s_server.sock");
    let mut command = program("openssl");
    command.args(["s_server", "-www", "-unix"]).arg(&path);
    command
        .arg("-cert")
        .arg(scene.of("node1", "cert.pem"))
        .arg("-key")
        .arg(scene.of("node1", "key.pem"));
    let mut server = command.spawn().expect("openssl is there");
    while !path.exists() {
        thread::sleep(Duration::from_millis(20));
    }
    let address = format!("unix:{}", path.display());
    let seen = scene.probe(&[&address, "--name", "node1"]);
    let end = server.kill();
    let _ = server.wait();
    end.expect("it ran");
    seen.expect("a socket", &["served-chain-incomplete"]);
    drop(std::fs::remove_file(&path));
    let _listener = UnixListener::bind(&path).expect("the test's directory can be written");
    let seen = scene.probe(&[&address, "--timeout", "1s"]);
    seen.expect("a silent one", &["handshake-failed"]);
}

#[test]
fn mistakes_are_told_together() {
    let scene = Scene::new();
    for (words, expected) in [
        (
            &["a:0", "gopher://b", "c"][..],
            &["no port", "gopher", "the port is missing"][..],
        ),
        (&[], &["neither an address nor a server"]),
        (&["--server", "nobody", "a"], &["nobody"]),
        (
            &["--server", "redis.nowhere", "a"],
            &["no listener `nowhere`"],
        ),
        (&["--server", "stunnel", "a"], &["on which port"]),
        (&["a:1", "--resolve", "a"], &["NAME=IP"]),
        (&["a:1", "--proxy", "ftp://b"], &["socks5://"]),
        (&["a:1", "--timeout", "0s"], &["longer than nothing"]),
        (&["a:1", "--jobs", "0"], &["--jobs"]),
        (&["a:1", "--cert", "x"], &["--key"]),
        (&["a:1", "--fleet", "x"], &["--fleet"]),
    ] {
        let run = scene
            .certctl
            .run(&[&["probe"], words].concat())
            .expect_status(2);
        for text in expected {
            assert!(run.stderr.contains(text), "{words:?}: {}", run.stderr);
        }
    }
    for words in [
        &["a:1", "--with", "nobody"][..],
        &["a:1", "--against", "nobody"],
    ] {
        let run = scene
            .certctl
            .run(&[&["probe"], words].concat())
            .expect_status(1);
        assert!(run.stderr.contains("no entry `nobody`"), "{}", run.stderr);
    }
}
