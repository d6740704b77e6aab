//! OpenBao: clients by certificate, new files by a signal, and nodes that join by certificate.

use std::{fs, path::Path};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    stranger_beside,
    support::{Run, program, walk::Walk},
};

/// A node with ports of its own.
struct Node<'m> {
    material: &'m Material,
    name: &'static str,
    api: u16,
    cluster: u16,
}

impl<'m> Node<'m> {
    fn new(material: &'m Material, name: &'static str) -> Self {
        let [api, cluster] = [free_port(), free_port()];
        Self {
            material,
            name,
            api,
            cluster,
        }
    }

    fn address(&self) -> String {
        format!("https://localhost:{}", self.api)
    }

    /// What `certctl config` writes for it, where it joins another.
    fn written(&self, join: Option<&Self>) -> String {
        let data = self.material.home().join(format!("{}.data", self.name));
        fs::create_dir(&data).expect("the test's directory can be written");
        let mut set = vec![
            format!("listener.tcp.address=127.0.0.1:{}", self.api),
            format!("listener.tcp.cluster_address=127.0.0.1:{}", self.cluster),
            format!("api_addr={}", self.address()),
            format!("cluster_addr=https://localhost:{}", self.cluster),
            format!("storage.raft.path={}", data.display()),
        ];
        set.extend(join.map(|node| format!("join={}", node.address())));
        let mut words = vec!["openbao", self.name, "--client-ca", "root"];
        words.extend(["--listener", "api,raft"]);
        words.extend(set.iter().flat_map(|it| ["--set", it]));
        self.material.config(&words)
    }

    fn start(&self, text: &str) -> Server {
        // The file's name ends so, or it is not taken for one.
        let file = self.material.file(&format!("{}.hcl", self.name), text);
        let words = ["check", &file.display().to_string(), "--server", "openbao"];
        self.material.run(&words);
        let text = format!("{text}disable_mlock = true\n");
        let file = self.material.file(&format!("{}.run.hcl", self.name), &text);
        let mut command = program("bao");
        Server::start(command.args(["server", "-config"]).arg(file), self.api)
    }

    /// Runs a command of `bao` with this certificate.
    fn ask(&self, words: &[&str], trust: &Path, shown: Option<&Identity>, token: &str) -> Run {
        let mut command = program("bao");
        command
            .args(words)
            .env("BAO_ADDR", self.address())
            .env("BAO_CACERT", trust)
            .env("BAO_MAX_RETRIES", "0")
            .env("BAO_TOKEN", token)
            .env("HOME", self.material.home());
        if let Some(identity) = shown {
            command.env("BAO_CLIENT_CERT", &identity.cert);
            command.env("BAO_CLIENT_KEY", &identity.key);
        }
        Run::of(&mut command)
    }

    fn asks(&self, words: &[&str], token: &str) -> Run {
        let app = self.material.identity("app");
        self.ask(words, &app.trust, Some(&app), token)
    }

    /// The certificate that it shows.
    fn shown(&self) -> String {
        let mut client = program("openssl");
        let address = format!("localhost:{}", self.api);
        client.args(["s_client", "-connect", &address]);
        let run = Run::with_input(&mut client, "");
        let begin = run.stdout.find("-----BEGIN").expect("it shows one");
        run.stdout[begin..].lines().take(10).collect()
    }
}

const VERSION: [&str; 3] = ["read", "-field=version", "sys/seal-status"];

#[test]
fn clients_need_a_certificate_of_the_cluster_and_new_files_are_read_by_a_signal() {
    let material = Material::new();
    let node = Node::new(&material, "node1");
    let text = node.written(None);
    let pid = material.home().join("pid");
    let text = format!("pid_file = \"{}\"\n{text}", pid.display());
    let _server = node.start(&text);
    let app = material.identity("app");
    let run = node.asks(&VERSION, "");
    assert_eq!(run.status, Some(0), "{run:?}");
    for (name, identity) in material.unwelcome() {
        let run = node.ask(&VERSION, &identity.trust, Some(&identity), "");
        assert_ne!(run.status, Some(0), "{name}: {run:?}");
    }
    let run = node.ask(&VERSION, &app.trust, None, "");
    assert_ne!(run.status, Some(0), "{run:?}");
    let run = node.ask(&VERSION, &material.stranger().trust, Some(&app), "");
    assert!(run.stderr.contains("unknown authority"), "{run:?}");

    let old = node.shown();
    material.run(&["renew", "node1", "--force"]);
    assert_eq!(node.shown(), old, "nothing has told it");
    let number = fs::read_to_string(pid).expect("it runs");
    let _ = Run::of(program("kill").args(["-HUP", number.trim()])).expect_status(0);
    until("the new certificate is shown", || node.shown() != old);
    let run = node.asks(&VERSION, "");
    assert_eq!(run.status, Some(0), "{run:?}");
}

/// A node of a walk, with some lines more.
fn start_laid(walk: &Walk, number: u8, text: &str) -> Server {
    let file = walk.certctl.home().join(format!("node{number}.hcl"));
    fs::write(&file, format!("disable_mlock = true\n{text}")).expect("our own");
    let mut command = program("bao");
    let command = command.args(["server", "-config"]).arg(file);
    Server::start_at(command, walk.at(number, 8200))
}

#[test]
fn nodes_join_and_a_stranger_does_not() {
    let walk = Walk::of("openbao");
    walk.lay();
    let laid = |number: u8| {
        let file = walk.numbered(number).join("etc/openbao/openbao.hcl");
        fs::read_to_string(file).expect("it is laid")
    };
    let _nodes = [1, 2, 3].map(|number| start_laid(&walk, number, &laid(number)));
    walk.look();

    // It trusts the cluster, and shows what another root has signed.
    let (own, strange) = (
        walk.numbered(3).join("etc/openbao/tls"),
        stranger_beside(&walk),
    );
    let [third, fourth] = [3, 4].map(|number| walk.address(number).to_string());
    let data = walk.numbered(4).join("data");
    fs::create_dir_all(&data).expect("our own");
    let path = |path: &Path| path.display().to_string();
    let text = laid(3);
    let (storage, listener) = text.split_once("\nlistener").expect("it is written");
    let storage = storage
        .replace(&path(&own.join("cert.pem")), &path(&strange.cert))
        .replace(&path(&own.join("key.pem")), &path(&strange.key))
        .replace(
            &path(&walk.numbered(3).join("var/lib/openbao")),
            &path(&data),
        )
        .replace("\"node3\"", "\"node4\"");
    let [address, api, cluster] = [
        format!("\"{third}:"),
        format!("https://{third}:8200"),
        format!("https://{third}:8201"),
    ];
    let whole = format!("{storage}\nlistener{listener}")
        .replace(&address, &format!("\"{fourth}:"))
        .replace(&api, &format!("https://{fourth}:8200"))
        .replace(&cluster, &format!("https://{fourth}:8201"));
    let log = walk.certctl.home().join("node4.log");
    let whole = format!("log_file = \"{}\"\n{whole}", log.display());
    let _four = start_laid(&walk, 4, &whole);
    until("it has tried and was refused", || {
        // Go shows no certificate where the other side would not take it.
        let log = fs::read_to_string(&log).unwrap_or_default();
        log.contains("remote error: tls: certificate required")
    });
    let peers = walk.run(
        "export BAO_CLIENT_CERT=pki/certs/app/cert.pem BAO_CLIENT_KEY=pki/certs/app/key.pem \
         BAO_CACERT=pki/ca/root/bundle.pem BAO_TOKEN=$(sed -n 's/^Initial Root Token: //p' keys)
         bao operator raft list-peers -address=https://10.0.0.1:8200",
    );
    let peers = peers.expect_status(0).stdout;
    assert!(
        peers.contains("node3") && !peers.contains("node4"),
        "{peers}"
    );
}
