//! What was proven, for a person: a matrix where it can be read, and why who refuses whom.

use std::iter;

use super::{findings::grouped, table::aligned, ui::Ui};
use crate::{inspection::Mended, proof::Proven};

/// Of more entries nobody reads a matrix.
const MOST: usize = 12;

/// The matrix, the reasons, a summary.
pub(crate) fn text(proven: &Proven, ui: &Ui) -> String {
    let Proven { parties, proof, .. } = proven;
    let matrix = match parties.len() {
        2..=MOST => matrix(proven) + "\n",
        _ => String::new(),
    };
    let findings = proven.findings();
    let findings = grouped(findings.iter().map(|it| (it, Mended::No)), ui);
    let (pairs, connect, count) = (proof.pairs, proof.connect, proof.handshakes);
    let handshakes = if count == 1 {
        "handshake"
    } else {
        "handshakes"
    };
    format!("{matrix}{findings}{connect} of {pairs} pairs connect; {count} {handshakes} made")
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
