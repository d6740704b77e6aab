//! Kafka's clients against a real broker.

use crate::{
    Client, JAVA, Peer, Refusals,
    scene::{Scene, State},
    support::{
        kafka::Node,
        process::{Server, free_port},
    },
    try_client,
};

struct Kafka;

impl Peer for Kafka {
    const NAME: &'static str = "kafka";

    fn new(_: &Scene) -> Self {
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        // A broker remembers its last life, and waits for its end.
        let [local, controller] = [free_port(), free_port()];
        let both = scene.both(state);
        let set = [
            format!("crt={}", both.display()),
            format!(
                "listeners=CLIENT://127.0.0.1:{port},LOCAL://127.0.0.1:{local},CONTROLLER://127.0.0.1:{controller}"
            ),
            format!("advertised.listeners=CLIENT://localhost:{port},LOCAL://127.0.0.1:{local}"),
            "listener.security.protocol.map=CLIENT:SSL,LOCAL:PLAINTEXT,CONTROLLER:PLAINTEXT"
                .to_owned(),
            "inter.broker.listener.name=LOCAL".to_owned(),
            "controller.listener.names=CONTROLLER".to_owned(),
            format!("controller.quorum.voters=1@127.0.0.1:{controller}"),
            "node.id=1".to_owned(),
            "process.roles=broker,controller".to_owned(),
        ];
        let mut arguments = vec!["--listener", "tls"];
        arguments.extend(set.iter().flat_map(|it| ["--set", it]));
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        Node::new(scene.home(), &format!("node{local}"), &text).start(port)
    }
}

#[test]
fn java() {
    try_client::<Kafka>(&Client {
        language: "java",
        file: "Main.java",
        build: "javac -cp PEERS/java/* Main.java",
        run: "java -XX:TieredStopAtLevel=1 -cp PEERS/java/*:. Main",
        presents: true,
        answer: "broker: localhost",
        refusals: Refusals {
            certificate: "certificate_required|bad_certificate|SSL handshake failed",
            password: None,
            ..JAVA
        },
    });
}

#[test]
fn python() {
    try_client::<Kafka>(&Client {
        language: "python",
        file: "main.py",
        build: "",
        run: "python3 main.py",
        presents: true,
        answer: "broker: localhost",
        refusals: Refusals {
            root: "certificate verify failed",
            name: Some("certificate verify failed"),
            expired: "certificate verify failed",
            intermediate: "certificate verify failed",
            certificate: "alert certificate required|bad certificate|Disconnected|connection closing|SSL handshake failed",
            password: None,
        },
    });
}
