//! How far a rotation is, for people to read.

use crate::{
    documents::rotation::{ConsumerDocument, Document, RotationDocument},
    terminal::table::Columns,
};

/// So many consumers are listed; of more there is only the number.
const LISTED: usize = 50;

/// The state, a table of those that trust, and what is next.
pub(super) fn text(document: &Document) -> String {
    let Some(rotation) = &document.rotation else {
        return document.last_text();
    };
    let mut lines = vec![head(rotation)];
    lines.extend(rotation.cross.as_ref().map(|cross| {
        format!(
            "who knows {} alone takes what {} signs, by {cross}",
            rotation.ca, rotation.successor
        )
    }));
    lines.extend(table(&document.consumers));
    if let Some(more @ 1..) = document.consumers.len().checked_sub(LISTED) {
        lines.push(format!("and {more} more; `--json` lists all"));
    }
    lines.extend(next(document));
    lines.join("\n")
}

fn head(rotation: &RotationDocument) -> String {
    let RotationDocument {
        ca,
        successor,
        kind,
        phase,
        since,
        ..
    } = rotation;
    let bundle = match *kind {
        "root" => "every bundle",
        _ => "ca-chain.pem",
    };
    let meaning = match *phase {
        "announced" => "holds both, certificates come from the old CA",
        "switching" => "holds both, some certificates come from the new CA",
        "switched" => "holds both, certificates come from the new CA",
        "finished" => "holds the new CA alone",
        _ => "holds the old CA alone, the new one was taken back",
    };
    format!("{ca} → {successor}: {phase} since {since}: {bundle} {meaning}")
}

fn table(consumers: &[ConsumerDocument]) -> Vec<String> {
    if consumers.is_empty() {
        return Vec::new();
    }
    let rows: Vec<_> = consumers.iter().take(LISTED).map(row).collect();
    let mut columns = Columns::new(&["NAME", "TRUSTS NEW", "CERTIFICATE", "SHOWS", "TO COPY"]);
    for row in &rows {
        columns.measure(row);
    }
    let mut lines = vec![columns.header()];
    lines.extend(columns.lines(&rows));
    lines
}

fn row(consumer: &ConsumerDocument) -> [String; 5] {
    let trusts = match (consumer.trusts, consumer.seen_by) {
        (Some(true), Some(by)) => format!("yes ({by})"),
        (Some(false), Some(by)) => format!("no ({by})"),
        _ => String::from("not known"),
    };
    let name = match &consumer.format {
        Some(format) => format!("{} (outside, {format})", consumer.name),
        None => consumer.name.clone(),
    };
    let or_none = |word: Option<&str>| word.unwrap_or("-").to_owned();
    let copy = match consumer.copy[..] {
        [] => String::from("-"),
        _ => consumer.copy.join(" "),
    };
    [
        name,
        trusts,
        or_none(consumer.leaf),
        or_none(consumer.shows),
        copy,
    ]
}

fn next(document: &Document) -> Option<String> {
    let step = document.next?;
    Some(match document.doubts.len() {
        0 => format!("next: `certctl rotate-ca {step}`"),
        1 => format!(
            "`{}` {}: copy, reload, then `certctl rotate-ca ack {}`",
            document.doubts[0].name, document.doubts[0].message, document.doubts[0].name
        ),
        many => format!(
            "{many} are not known to be ready for `{step}`: copy, reload, then `certctl rotate-ca ack NAME…`"
        ),
    })
}
