//! etcd: clients, three members, and new files without a reload.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    stranger_beside,
    support::{Run, program, walk::Walk},
};

/// A member's ports: for clients, and for other members.
type Ports = [u16; 2];

/// What `certctl config` writes for a member of a cluster; `check` finds nothing.
fn written(
    material: &Material,
    format: &str,
    (node, ports): (&str, Ports),
    cluster: &str,
    more: &[&str],
) -> String {
    let [client, peer] = ports;
    let set = [
        format!("listen-client-urls=https://127.0.0.1:{client}"),
        format!("advertise-client-urls=https://localhost:{client}"),
        format!("listen-peer-urls=https://127.0.0.1:{peer}"),
        format!("initial-advertise-peer-urls=https://localhost:{peer}"),
        format!("initial-cluster={cluster}"),
        format!("data-dir={}/{node}.{client}", material.home().display()),
    ];
    let set = set.iter().flat_map(|set| ["--set", set]);
    let words = ["etcd", node, "--server-version", "3.4.23", "--as", format];
    let words: Vec<_> = words.into_iter().chain(set).collect();
    let text = material.config(&[&words[..], more].concat());
    let file = material.file("checked", &text).display().to_string();
    material.run(&["check", &file, "--server", "etcd"]);
    text
}

fn member(name: &str, [_, peer]: Ports) -> String {
    format!("{name}=https://localhost:{peer}")
}

fn start(material: &Material, name: &str, ports: Ports, text: &str) -> Server {
    let file = material.file(&format!("{name}.yml"), text);
    Server::start(program("etcd").arg("--config-file").arg(file), ports[0])
}

/// `etcdctl`, with these words behind what it takes to connect.
fn ask(port: u16, trust: &Path, shown: Option<&Identity>, more: &[&str]) -> Run {
    let mut command = program("etcdctl");
    command.env("ETCDCTL_API", "3").arg("--endpoints");
    command.arg(format!("https://localhost:{port}"));
    command.args(["--dial-timeout=5s", "--cacert"]).arg(trust);
    if let Some(identity) = shown {
        command.arg("--cert").arg(&identity.cert);
        command.arg("--key").arg(&identity.key);
    }
    Run::of(command.args(more))
}

fn answers(run: &Run) -> bool {
    run.status == Some(0)
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    let material = Material::new();
    let ports = [free_port(), free_port()];
    let cluster = member("node1", ports);
    let mutual = ["--client-ca", "root"];
    let text = written(&material, "env", ("node1", ports), &cluster, &mutual);
    let file = material.file("etcd.env", &text);
    let mut command = program("sh");
    command
        .args(["-c", "set -a; . \"$0\"; exec etcd"])
        .arg(file);
    let _server = Server::start(&mut command, ports[0]);
    let app = material.identity("app");
    let get = |trust: &Path, shown: Option<&Identity>| ask(ports[0], trust, shown, &["get", "x"]);
    until("it has a leader", || answers(&get(&app.trust, Some(&app))));
    for (name, identity) in material.unwelcome() {
        let run = get(&identity.trust, Some(&identity));
        assert!(!answers(&run), "{name}: {run:?}");
    }
    assert!(!answers(&get(&app.trust, None)));
    assert!(!answers(&get(&material.stranger().trust, Some(&app))));
}

#[test]
fn http_is_answered_where_the_certificate_is_good_for_dialling_too() {
    let material = Material::new();
    let ports = [free_port(), free_port()];
    let cluster = member("node1", ports);
    let mutual = ["--client-ca", "root"];
    let text = written(&material, "flags", ("node1", ports), &cluster, &mutual);
    let mut command = program("sh");
    command.args(["-c", &format!("exec {text}")]);
    let _server = Server::start(&mut command, ports[0]);
    let app = material.identity("app");
    let mut curl = program("curl");
    curl.args(["--silent", "--fail", "--data", r#"{"key": "eA=="}"#]);
    curl.arg("--cacert").arg(&app.trust);
    curl.arg("--cert").arg(&app.cert).arg("--key").arg(&app.key);
    curl.arg(format!("https://localhost:{}/v3/kv/range", ports[0]));
    until("it answers", || {
        Run::of(&mut curl).stdout.contains("cluster_id")
    });
}

#[test]
fn a_new_certificate_is_shown_without_a_reload() {
    let material = Material::new();
    let ports = [free_port(), free_port()];
    let cluster = member("node1", ports);
    let text = written(
        &material,
        "yaml",
        ("node1", ports),
        &cluster,
        &["--client-ca", "root"],
    );
    let _server = start(&material, "node1", ports, &text);
    let serial = || {
        let mut client = program("openssl");
        client.args(["s_client", "-connect", &format!("localhost:{}", ports[0])]);
        let shown = Run::with_input(&mut client, "").stdout;
        let mut x509 = program("openssl");
        Run::with_input(x509.args(["x509", "-noout", "-serial"]), &shown).stdout
    };
    let old = serial();
    assert!(old.starts_with("serial="), "{old}");
    material.run(&["renew", "node1", "--force"]);
    let new = serial();
    assert!(new.starts_with("serial=") && new != old, "{new}");
}

/// A member with variables, as its unit starts it.
fn start_with(walk: &Walk, number: u8, variables: &Path) -> Server {
    let mut command = program("sh");
    command.args(["-c", "set -a; . \"$0\"; exec etcd"]);
    Server::start_at(command.arg(variables), walk.at(number, 2379))
}

#[test]
fn three_members_agree_and_a_stranger_is_none() {
    let walk = Walk::of("etcd");
    walk.lay();
    let variables = |number: u8| walk.numbered(number).join("etc/default/etcd");
    // Another root's certificate for the other members; for clients it is one of theirs.
    let stranger = stranger_beside(&walk);
    let line = |line: &str| {
        let (name, value) = line.split_once('=').unwrap_or((line, ""));
        let value = match name {
            "ETCD_PEER_CERT_FILE" => stranger.cert.display().to_string(),
            "ETCD_PEER_KEY_FILE" => stranger.key.display().to_string(),
            "ETCD_DATA_DIR" => format!("{value}-of-a-stranger"),
            _ => value.to_owned(),
        };
        format!("{name}={value}\n")
    };
    let right = fs::read_to_string(variables(3)).expect("it is laid");
    let wrong = walk.certctl.home().join("wrong");
    fs::write(&wrong, right.lines().map(line).collect::<String>()).expect("our own");

    let _two = [1, 2].map(|number| start_with(&walk, number, &variables(number)));
    let at = |number: u8, words: &str| {
        walk.run(&format!(
            "ETCDCTL_API=3 etcdctl --cacert pki/ca/root/bundle.pem --cert pki/certs/app/cert.pem \
             --key pki/certs/app/key.pem --endpoints https://{}:2379 {words}",
            walk.address(number)
        ))
    };
    {
        let _stranger = start_with(&walk, 3, &wrong);
        until("two have a leader", || answers(&at(1, "put x 1")));
        assert!(!answers(&at(3, "--command-timeout=2s get x")));
    }
    let _third = start_with(&walk, 3, &variables(3));
    until("the third has what the first was told", || {
        at(3, "get x").stdout == "x\n1\n"
    });
    walk.look();
}
