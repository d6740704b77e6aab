//! The local ends of TLS that `certctl client` prints for programs that have none themselves.

use std::fs;

use crate::{
    Peer,
    scene::{Scene, State},
    support::{
        process::{Server, free_port},
        program,
    },
};

/// Asks a server through stunnel, with the server in every state; `asks` says whether an answer came.
pub(crate) fn try_tunnel<P: Peer>(name: &str, asks: impl Fn(&Scene, &P, u16) -> bool) {
    let scene = Scene::new();
    let peer = P::new(&scene);
    for (state, entry, refusal) in [
        (State::Right, Some("app"), None),
        (
            State::AnotherRoot,
            Some("app"),
            Some("unable to get local issuer certificate"),
        ),
        (
            State::AnotherName,
            Some("app"),
            Some("Subject checks failed"),
        ),
        (State::Expired, Some("app"), Some("certificate has expired")),
        (
            State::NoIntermediate,
            Some("app"),
            Some("unable to get local issuer certificate"),
        ),
        // Under TLS 1.3 the server says no after the handshake: who writes by then may see a closed connection alone.
        (
            State::Right,
            None,
            Some("alert certificate required|TLS socket closed"),
        ),
    ] {
        let (port, near) = (free_port(), free_port());
        let _server = peer.start(&scene, state, true, port);
        let words = ["client", name, "stunnel", "--port", &port.to_string()];
        let text = scene.print(&[&words, entry.as_slice()].concat());
        let _tunnel = start(&scene, &text, near);
        let answered = asks(&scene, &peer, near);
        let log = fs::read_to_string(scene.home().join("log")).expect("stunnel writes a log");
        assert_eq!(answered, refusal.is_none(), "{state:?}: {log}");
        let mut expected = refusal.unwrap_or("Certificate accepted").split('|');
        assert!(expected.any(|it| log.contains(it)), "{state:?}: {log}");
    }
}

/// It would listen on the server's port, which on this machine is the server's.
fn start(scene: &Scene, text: &str, near: u16) -> Server {
    let accept = text.lines().find(|line| line.starts_with("accept = "));
    let accept = accept.expect("stunnel listens");
    let text = text.replace(accept, &format!("accept = 127.0.0.1:{near}"));
    let mut command = program("sh");
    command
        .args(["-c", "exec stunnel4 stunnel.conf 2>log"])
        .current_dir(scene.home());
    scene.file("stunnel.conf", &text);
    Server::start(&mut command, near)
}
