//! RabbitMQ: clients by certificate, its administration, and nodes that meet by TLS.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use crate::{
    Identity, Material,
    process::{Server, free_port, until},
    stranger_beside,
    support::{Run, program, walk::Walk},
};

/// Logs in by certificate, and opens a channel.
const SPEAK: &str = r#"
import pika, ssl, sys
port, trust, *own = sys.argv[1:]
context = ssl.create_default_context(cafile=trust)
if own:
    context.load_cert_chain(*own)
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", int(port), ssl_options=pika.SSLOptions(context, "localhost"),
    credentials=pika.credentials.ExternalCredentials()))
channel = connection.channel()
channel.queue_declare("", exclusive=True)
print("open", flush=True)
# Whoever has more to say has it on its standard input.
for line in sys.stdin:
    channel.queue_declare("", exclusive=True)
    print("still open")
"#;

fn speaker(port: u16, trust: &Path, shown: Option<&Identity>) -> Command {
    let mut command = program("python3");
    command.args(["-c", SPEAK, &port.to_string()]).arg(trust);
    if let Some(identity) = shown {
        command.arg(&identity.cert).arg(&identity.key);
    }
    command
}

fn opens(port: u16, trust: &Path, shown: Option<&Identity>) -> bool {
    Run::of(&mut speaker(port, trust, shown)).stdout == "open\n"
}

/// The daemon that knows the nodes' names. A node would start it, and leave it behind.
fn names(port: u16) -> Server {
    let mut epmd = program("epmd");
    Server::start(epmd.args(["-port", &port.to_string()]), port)
}

/// A node with folders and ports of its own.
struct Node {
    name: String,
    home: PathBuf,
    port: u16,
    /// Where it listens for clients
    at: SocketAddr,
    dist: u16,
    epmd: u16,
    /// The options of Erlang's distribution
    options: Option<PathBuf>,
}

impl Node {
    fn new(material: &Material, name: &str, epmd: u16) -> Self {
        Self::below(material.home(), name, epmd)
    }

    fn below(home: &Path, name: &str, epmd: u16) -> Self {
        let home = home.join(name);
        fs::create_dir(&home).expect("the test's directory can be written");
        let port = free_port();
        Self {
            name: format!("{name}@localhost"),
            home,
            port,
            at: (Ipv4Addr::LOCALHOST, port).into(),
            dist: free_port(),
            epmd,
            options: None,
        }
    }

    /// A program of RabbitMQ, as the wrappers in sbin would start it for their user.
    fn program(&self, name: &str) -> Command {
        let mut command = program(format!("/usr/lib/rabbitmq/bin/{name}"));
        let home = self.home.display();
        for (name, value) in [
            ("HOME", home.to_string()),
            ("ERL_CRASH_DUMP", "/dev/null".to_owned()),
            ("ERL_EPMD_PORT", self.epmd.to_string()),
            ("RABBITMQ_BASE", home.to_string()),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned()),
            ("RABBITMQ_CONFIG_FILE", format!("{home}/rabbitmq.conf")),
            ("RABBITMQ_DIST_PORT", self.dist.to_string()),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", format!("{home}/plugins")),
            ("RABBITMQ_LOG_BASE", format!("{home}/log")),
            ("RABBITMQ_MNESIA_BASE", format!("{home}/mnesia")),
            ("RABBITMQ_NODENAME", self.name.clone()),
            ("RABBITMQ_PID_FILE", format!("{home}/pid")),
        ] {
            command.env(name, value);
        }
        if let Some(options) = &self.options {
            let words = format!(
                "-proto_dist inet_tls -ssl_dist_optfile {}",
                options.display()
            );
            command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", &words);
            command.env("RABBITMQ_CTL_ERL_ARGS", words);
        }
        command
    }

    fn start(&self, text: &str) -> Server {
        fs::write(self.home.join("rabbitmq.conf"), text).expect("it is ours");
        let mut plugins = String::from("[rabbitmq_auth_mechanism_ssl].\n");
        if text.contains("management.ssl.port") {
            plugins = plugins.replace(']', ",rabbitmq_management]");
        }
        fs::write(self.home.join("plugins"), plugins).expect("it is ours");
        // All nodes of a cluster have it.
        let cookie = self.home.join(".erlang.cookie");
        fs::write(&cookie, "SECRETCOOKIE").expect("it is ours");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o400);
        fs::set_permissions(&cookie, mode).expect("it is ours");
        Server::start_at(&mut self.program("rabbitmq-server"), self.at)
    }

    fn control(&self, words: &[&str]) -> Run {
        let mut command = self.program("rabbitmqctl");
        Run::of(command.args(["--node", &self.name]).args(words))
    }
}

/// An entry's files where their paths hold nothing that RabbitMQ's file cannot say.
fn placed(material: &Material, name: &str) -> PathBuf {
    let tls = material.home().join("tls");
    let own = tls.join(name);
    fs::create_dir_all(&own).expect("the test's directory can be written");
    let identity = material.identity(name);
    for file in ["cert.pem", "key.pem", "ca.pem"] {
        fs::copy(identity.cert.with_file_name(file), own.join(file)).expect("issued");
    }
    fs::copy(&identity.trust, own.join("client-ca.pem")).expect("issued");
    own
}

/// What `certctl config` writes for clients by certificate.
fn written(material: &Material, node: &Node, entry: &str, more: &[&str]) -> String {
    let port = format!("listeners.ssl.default={}", node.port);
    let folder = placed(material, entry).display().to_string();
    let words = [
        "rabbitmq",
        entry,
        "--server-version",
        "3.10.8",
        "--set",
        &port,
    ];
    let login = [
        "--set",
        "auth_mechanisms.1=EXTERNAL",
        "--set",
        "ssl_cert_login_from=common_name",
    ];
    let mutual = ["--client-ca", "root", "--target-dir", &folder];
    let text = material.config(&[&words[..], &login, &mutual, more].concat());
    let file = material.file("rabbitmq.conf", &text).display().to_string();
    material.run(&["check", &file]);
    text
}

#[test]
fn clients_need_a_certificate_of_the_cluster() {
    let material = Material::new();
    let epmd = free_port();
    let _names = names(epmd);
    let node = Node::new(&material, "one", epmd);
    let text = written(&material, &node, "node1", &[]);
    let _server = node.start(&text);
    let app = material.identity("app");
    until("the user is there", || {
        node.control(&["add_user", "app", "none"]).status == Some(0)
    });
    let may = ["set_permissions", "app", ".*", ".*", ".*"];
    drop(node.control(&may).expect_status(0));
    assert!(opens(node.port, &app.trust, Some(&app)));
    for (name, identity) in material.unwelcome() {
        assert!(
            !opens(node.port, &identity.trust, Some(&identity)),
            "{name}"
        );
    }
    assert!(!opens(node.port, &app.trust, None));
    assert!(!opens(node.port, &material.stranger().trust, Some(&app)));
    let lost = material.identity("lost");
    assert!(
        !opens(node.port, &lost.trust, Some(&lost)),
        "nobody is called so"
    );
}

#[test]
fn new_files_are_read_by_a_command_and_connections_stay() {
    let material = Material::new();
    let epmd = free_port();
    let _names = names(epmd);
    let node = Node::new(&material, "one", epmd);
    let text = written(&material, &node, "node1", &[]);
    let text = format!("{text}default_user = app\ndefault_pass = secret\n");
    let _server = node.start(&text);
    let app = material.identity("app");
    let mut command = speaker(node.port, &app.trust, Some(&app));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut held = command.spawn().expect("python3 is there");
    let mut said = BufReader::new(held.stdout.take().expect("it is piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it speaks");
    assert_eq!(line, "open\n");
    material.run(&["renew", "node1", "--force"]);
    placed(&material, "node1");
    let clear = node.control(&["eval", "ssl:clear_pem_cache()."]);
    drop(clear.expect_status(0));
    let address = format!("localhost:{}", node.port);
    let words = ["probe", &address, "--server", "rabbitmq", "--with", "app"];
    material.run(&[&words[..], &["--against", "node1"]].concat());
    let own = held.stdin.take().expect("it is piped");
    (&own).write_all(b"\n").expect("it reads");
    drop(own);
    line.clear();
    said.read_line(&mut line).expect("it speaks");
    assert_eq!(line, "still open\n");
    assert!(held.wait().expect("it ends").success());
}

/// What the administration says to a user; nothing where TLS refuses whoever asks.
fn administrator(port: u16, trust: &Path, shown: Option<&Identity>) -> String {
    let mut command = program("curl");
    command.args(["--silent", "--user", "me:secret", "--cacert"]);
    command.arg(trust);
    if let Some(identity) = shown {
        command.arg("--cert").arg(&identity.cert);
        command.arg("--key").arg(&identity.key);
    }
    Run::of(command.arg(format!("https://localhost:{port}/api/whoami"))).stdout
}

#[test]
fn the_administration_needs_a_certificate_too() {
    let material = Material::new();
    let epmd = free_port();
    let _names = names(epmd);
    let node = Node::new(&material, "one", epmd);
    let port = free_port();
    let set = format!("management.ssl.port={port}");
    let more = ["--listener", "tls,management", "--set", &set];
    let text = written(&material, &node, "node1", &more);
    let _server = node.start(&format!("{text}default_user = me\ndefault_pass = secret\n"));
    let app = material.identity("app");
    until("the administration answers", || {
        administrator(port, &app.trust, Some(&app)).contains("\"administrator\"")
    });
    for (name, identity) in material.unwelcome() {
        let said = administrator(port, &identity.trust, Some(&identity));
        assert_eq!(said, "", "{name}");
    }
    assert_eq!(administrator(port, &app.trust, None), "");
    let stranger = material.stranger().trust;
    assert_eq!(administrator(port, &stranger, Some(&app)), "");
    for (listener, port) in [("tls", node.port), ("management", port)] {
        let (address, server) = (format!("localhost:{port}"), format!("rabbitmq.{listener}"));
        let words = ["probe", &address, "--server", &server, "--against", "node1"];
        material.run(&[&words[..], &["--with", "app"]].concat());
    }
}

#[test]
fn nodes_meet_and_a_stranger_does_not_join() {
    let walk = Walk::of("rabbitmq");
    walk.lay();
    let epmd = free_port();
    let _names = names(epmd);
    let laid = |number: u8, file: &str| walk.numbered(number).join("etc/rabbitmq").join(file);
    let text = |number: u8, file| fs::read_to_string(laid(number, file)).expect("it is laid");
    let nodes = [1, 2, 3, 4].map(|number: u8| Node {
        at: walk.at(number, 5671),
        options: Some(laid(number, "inter_node_tls.config")),
        ..Node::below(walk.certctl.home(), &format!("n{number}"), epmd)
    });
    // The fourth is the first but for the certificate that it shows other nodes.
    let stranger = stranger_beside(&walk);
    let tls = laid(1, "tls").display().to_string();
    let strange = text(1, "inter_node_tls.config").replace(&tls, &stranger.directory());
    fs::create_dir_all(laid(4, "")).expect("our own");
    fs::write(laid(4, "inter_node_tls.config"), strange).expect("our own");
    let [first, fourth] = [1, 4].map(|number| walk.at(number, 5671).to_string());
    let foreign = text(1, "rabbitmq.conf").replace(&first, &fourth);
    let texts = [1, 2, 3].map(|number| text(number, "rabbitmq.conf"));
    let texts = texts.iter().chain([&foreign]);
    // They start slowly, and none waits for another.
    let _servers: Vec<_> = thread::scope(|scope| {
        let all = nodes.iter().zip(texts);
        let all: Vec<_> = all
            .map(|(node, text)| scope.spawn(|| node.start(text)))
            .collect();
        all.into_iter()
            .map(|it| it.join().expect("it starts"))
            .collect()
    });
    let [one, two, three, four] = &nodes;
    let join = |node: &Node| {
        until("it takes commands", || {
            node.control(&["stop_app"]).status == Some(0)
        });
        node.control(&["join_cluster", &one.name])
    };
    for node in [two, three] {
        until("it joins", || join(node).status == Some(0));
        drop(node.control(&["start_app"]).expect_status(0));
    }
    let run = join(four);
    assert_ne!(run.status, Some(0), "{run:?}");
    let status = one.control(&["cluster_status"]).expect_status(0).stdout;
    assert!(
        status.contains(&two.name) && status.contains(&three.name),
        "{status}"
    );
    assert!(!status.contains(&four.name), "{status}");

    for words in [
        &["add_user", "app", "unused"][..],
        &["clear_password", "app"],
        &["set_permissions", "app", ".*", ".*", ".*"],
    ] {
        drop(one.control(words).expect_status(0));
    }
    walk.look();
}
