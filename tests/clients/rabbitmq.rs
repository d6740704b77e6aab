//! RabbitMQ's clients against a real server.

use std::fs;

use crate::{
    Client, GO, JAVA, PYTHON, Peer, Program, Refusals, offer_libraries,
    scene::{Scene, State},
    support::{
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct RabbitMq {
    epmd: u16,
    /// A node would start it, and leave it behind.
    _names: Server,
}

/// Whom a certificate names, too.
const USER: &str = "app";
const PASSWORD: &str = "secret";

impl Peer for RabbitMq {
    const NAME: &'static str = "rabbitmq";

    fn new(scene: &Scene) -> Self {
        offer_libraries(scene);
        let epmd = free_port();
        let mut names = program("epmd");
        Self {
            epmd,
            _names: Server::start(names.args(["-port", &epmd.to_string()]), epmd),
        }
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let port_setting = format!("listeners.ssl.default={port}");
        let mut arguments = vec!["--as", "conf", "--set", &port_setting];
        let mut plugins = "[].\n";
        if mutual {
            let login = ["--set", "ssl_cert_login_from=common_name"];
            arguments.extend(["--client-ca", "root"].into_iter().chain(login));
            plugins = "[rabbitmq_auth_mechanism_ssl].\n";
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let login = "auth_mechanisms.1 = PLAIN\nauth_mechanisms.2 = EXTERNAL\n";
        let text = format!("{text}{login}default_user = {USER}\ndefault_pass = {PASSWORD}\n");
        // A node remembers its users, and is another each time.
        let dist = free_port();
        let home = scene.home().join(dist.to_string());
        fs::create_dir(&home).expect("the test's directory can be written");
        let file = |name: &str, text: &str| {
            fs::write(home.join(name), text).expect("the test's directory can be written");
        };
        file("rabbitmq.conf", &text);
        file("plugins", plugins);
        let mut command = program("/usr/lib/rabbitmq/bin/rabbitmq-server");
        let at = home.display();
        for (name, value) in [
            ("HOME", at.to_string()),
            ("ERL_EPMD_PORT", self.epmd.to_string()),
            ("RABBITMQ_BASE", at.to_string()),
            ("RABBITMQ_CONF_ENV_FILE", "/dev/null".to_owned()),
            ("RABBITMQ_CONFIG_FILE", format!("{at}/rabbitmq.conf")),
            ("RABBITMQ_DIST_PORT", dist.to_string()),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", format!("{at}/plugins")),
            ("RABBITMQ_LOG_BASE", format!("{at}/log")),
            ("RABBITMQ_MNESIA_BASE", format!("{at}/mnesia")),
            ("RABBITMQ_NODENAME", format!("n{dist}@localhost")),
        ] {
            command.env(name, value);
        }
        Server::start(&mut command, port)
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        vec![
            ("RABBITMQ_USER", USER),
            ("RABBITMQ_PASSWORD", wrong.unwrap_or(PASSWORD)),
        ]
    }
}

const PYTHON_PROGRAM: Client = Client {
    language: "python",
    file: "main.py",
    build: "",
    run: "python3 main.py",
    presents: true,
    answer: "answer: open",
    refusals: Refusals {
        certificate: "alert certificate required|EOF|reset by peer|Broken pipe|StreamLost|IncompatibleProtocol|ConnectionError|closed",
        password: Some("ACCESS_REFUSED"),
        ..PYTHON
    },
};

const GO_PROGRAM: Client = Client {
    language: "go",
    file: "main.go",
    build: "go build -modfile=PEERS/go/go.mod -o main main.go",
    run: "./main",
    presents: true,
    answer: "answer: open",
    refusals: Refusals {
        certificate: "tls: certificate required|tls: bad certificate|connection reset|broken pipe|EOF",
        password: Some("username or password not allowed"),
        ..GO
    },
};

const JAVA_PROGRAM: Client = Client {
    language: "java",
    file: "Main.java",
    build: "javac -cp PEERS/java/* Main.java",
    run: "java -XX:TieredStopAtLevel=1 -cp PEERS/java/*:. Main",
    presents: true,
    answer: "answer: open",
    refusals: Refusals {
        certificate: "certificate_required|Connection reset|Broken pipe|EOFException|closed|connection error",
        password: Some("ACCESS_REFUSED"),
        ..JAVA
    },
};

#[test]
fn python() {
    try_client::<RabbitMq>(&PYTHON_PROGRAM);
}

#[test]
fn go() {
    try_client::<RabbitMq>(&GO_PROGRAM);
}

#[test]
fn java() {
    try_client::<RabbitMq>(&JAVA_PROGRAM);
}

/// Without a user's name and a password.
#[test]
fn the_certificate_says_who_somebody_is() {
    let scene = Scene::new();
    let peer = RabbitMq::new(&scene);
    let port = free_port();
    let _server = peer.start(&scene, State::Right, true, port);
    for client in [&PYTHON_PROGRAM, &GO_PROGRAM, &JAVA_PROGRAM] {
        let own = Program::new::<RabbitMq>(client, &scene, port, Some("app"));
        own.connects(&[]);
        let nobodys = Program::new::<RabbitMq>(client, &scene, port, Some("node2"));
        let refusal = client.refusals.password.expect("there are users");
        nobodys.is_refused(&[], refusal);
        for program in [own, nobodys] {
            fs::remove_dir_all(program.directory).expect("it is ours");
        }
    }
}
