//! Mosquitto's clients against a real broker.

use crate::{
    Client, PYTHON, Peer, Refusals,
    scene::{Scene, State},
    support::{Run, process::Server, program},
    try_client,
};

struct Mosquitto;

const PASSWORD: &str = "secret";

impl Peer for Mosquitto {
    const NAME: &'static str = "mosquitto";

    fn new(scene: &Scene) -> Self {
        let mut command = program("mosquitto_passwd");
        command.args(["-c", "-b", "passwords", "me", PASSWORD]);
        drop(Run::of(command.current_dir(scene.home())).expect_status(0));
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        let listener = format!("listener={port} 127.0.0.1");
        let passwords = format!("password_file={}/passwords", scene.home().display());
        let mut arguments = vec![
            "--set",
            &listener,
            "--set",
            "user=root",
            "--server-version",
            "2.0.11",
        ];
        arguments.extend(["--set", &passwords]);
        if mutual {
            // The certificate lets a client in, and its password besides.
            arguments.extend([
                "--client-ca",
                "root",
                "--set",
                "use_identity_as_username=false",
            ]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let mut command = program("mosquitto");
        Server::start(
            command.arg("-c").arg(scene.file("mosquitto.conf", &text)),
            port,
        )
    }

    fn environment<'a>(&self, wrong: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        vec![
            ("MQTT_USER", "me"),
            ("MQTT_PASSWORD", wrong.unwrap_or(PASSWORD)),
        ]
    }
}

#[test]
fn mosquitto_pub() {
    // It does not say what is wrong with a certificate.
    const TLS: &str = "A TLS error occurred";
    try_client::<Mosquitto>(&Client {
        language: "mosquitto_pub",
        file: "publish",
        build: "",
        run: "sh publish",
        presents: true,
        answer: "answer: taken",
        refusals: Refusals {
            root: TLS,
            name: Some(TLS),
            expired: TLS,
            intermediate: TLS,
            certificate: "The connection was lost|A TLS error occurred|Protocol error",
            password: Some("not authorised"),
        },
    });
}

#[test]
fn python() {
    try_client::<Mosquitto>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "answer: taken",
        refusals: Refusals {
            certificate: "refused: |alert certificate required|EOF occurred|reset by peer|Broken pipe",
            password: Some("refused: Not authorized"),
            ..PYTHON
        },
    });
}
