//! OpenSearch's client against a real node.

use crate::{
    Client, Peer, Refusals,
    scene::{Scene, State},
    support::{
        opensearch::Node,
        process::{Server, free_port},
        program,
    },
    try_client,
};

struct OpenSearch;

impl Peer for OpenSearch {
    const NAME: &'static str = "opensearch";
    // Who shows none needs a password, and there are no users yet.
    const LENIENT: bool = false;

    fn new(_: &Scene) -> Self {
        Self
    }

    fn start(&self, scene: &Scene, state: State, mutual: bool, port: u16) -> Server {
        if !matches!(state, State::Right) {
            let chain = scene.chain(state);
            let mut server = program("openssl");
            server.args(["s_server", "-quiet", "-port", &port.to_string()]);
            server
                .arg("-cert")
                .arg(&chain)
                .arg("-cert_chain")
                .arg(&chain);
            server
                .arg("-key")
                .arg(scene.presented(state).join("key.pem"));
            return Server::start(&mut server, port);
        }
        let transport = free_port();
        let mut arguments = vec!["--set", "plugins.security.authcz.admin_dn=CN=app"];
        if mutual {
            arguments.extend(["--client-ca", "root"]);
        }
        let text = scene.config(Self::NAME, state, &arguments);
        let name = format!("node{transport}");
        Node::new(scene.home(), &name, [port, transport], transport, &text).start()
    }
}

#[test]
fn curl() {
    try_client::<OpenSearch>(&Client {
        language: "curl",
        file: "ask",
        build: "",
        run: "sh ask",
        presents: true,
        answer: "\"distribution\" : \"opensearch\"",
        refusals: Refusals {
            root: "unable to get local issuer certificate",
            name: Some("no alternative certificate subject name matches"),
            expired: "certificate has expired",
            intermediate: "unable to get local issuer certificate",
            certificate: "alert bad certificate|alert certificate required|alert handshake failure|reset by peer|SSL_read|Transport endpoint is not connected",
            password: None,
        },
    });
}
