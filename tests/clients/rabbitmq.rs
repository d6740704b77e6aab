//! RabbitMQ's client against a real server.

use std::fs;

use crate::{
    Client, PYTHON, Peer, Refusals,
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

const PASSWORD: &str = "secret";

impl Peer for RabbitMq {
    const NAME: &'static str = "rabbitmq";

    fn new(_: &Scene) -> Self {
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
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let text = format!("{text}default_user = me\ndefault_pass = {PASSWORD}\n");
        // A node remembers its users, and is another each time.
        let dist = free_port();
        let home = scene.home().join(dist.to_string());
        fs::create_dir(&home).expect("the test's directory can be written");
        let file = |name: &str, text: &str| {
            fs::write(home.join(name), text).expect("the test's directory can be written");
        };
        file("rabbitmq.conf", &text);
        file("plugins", "[].\n");
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
            ("RABBITMQ_USER", "me"),
            ("RABBITMQ_PASSWORD", wrong.unwrap_or(PASSWORD)),
        ]
    }
}

#[test]
fn python() {
    try_client::<RabbitMq>(&Client {
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
    });
}
