//! What was proven, for a person: a matrix where it can be read, and why who refuses whom.

use std::{fmt::Write as _, iter};

use super::{Proven, document::finding};
use crate::{cli::check::told, terminal::table::aligned};

/// Of more entries nobody reads a matrix.
const MOST: usize = 12;

/// The matrix, the reasons, a summary.
pub(super) fn text(proven: &Proven) -> String {
    let Proven { parties, proof, .. } = proven;
    let mut text = match parties.len() {
        2..=MOST => matrix(proven) + "\n",
        _ => String::new(),
    };
    let width = proof.refusals.iter().map(|it| it.code.len()).max();
    let mut last = None;
    for refusal in &proof.refusals {
        if last != Some(refusal.refused) {
            let _ = writeln!(text, "{}", proven.paths[refusal.refused].display());
            last = Some(refusal.refused);
        }
        text += &told(&finding(refusal, proven), width.unwrap_or_default());
    }
    let (pairs, connect, count) = (proof.pairs, proof.connect, proof.handshakes);
    let handshakes = if count == 1 {
        "handshake"
    } else {
        "handshakes"
    };
    let _ = write!(
        text,
        "{connect} of {pairs} pairs connect; {count} {handshakes} made"
    );
    text
}

/// Who connects, below those that are connected to.
fn matrix(proven: &Proven) -> String {
    let Proven { parties, proof, .. } = proven;
    let all = parties.iter().enumerate();
    let servers: Vec<_> = all.clone().filter(|(_, it)| it.serves).collect();
    let head = servers.iter().map(|(_, it)| it.name.clone());
    let head: Vec<_> = iter::once(String::from("from \\ to")).chain(head).collect();
    let rows = all.filter(|(_, it)| it.dials).map(|(client, party)| {
        let cells = servers.iter().map(|(server, _)| {
            let word = match *server == client {
                true => "-",
                false if proof.connects(client, *server) => "ok",
                false => "no",
            };
            word.to_owned()
        });
        iter::once(party.name.clone()).chain(cells).collect()
    });
    aligned(iter::once(head).chain(rows))
}
