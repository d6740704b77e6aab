//! Rows of the list of certificates.

use clap::builder::styling::AnsiColor;
use time::OffsetDateTime;

use super::times::{date, remaining};
use crate::{
    pki::renewal::Margin,
    store::{
        generations::Generations,
        layout::Area,
        ledger::{Listed, Status},
    },
};

/// Name, kind, issuer, key, end, status, the serial where it is wanted, and names.
pub(crate) fn row(
    record: &Listed,
    now: OffsetDateTime,
    with_serial: bool,
    generations: &Generations,
) -> Vec<String> {
    let authority = Some(&record.name).filter(|_| record.kind.area() == Area::Authorities);
    let succession = authority.and_then(|name| generations.succession(name));
    let left = || remaining(record.validity.not_after, now);
    let status = match (record.status, succession) {
        (Status::Current, Some(succession)) => format!("{}, {succession}", left()),
        (Status::Current, None) => left(),
        (Status::Replaced, _) => String::from("replaced"),
        (Status::Revoked, _) => String::from("revoked"),
    };
    let mut row = vec![
        record.name.to_string(),
        record.kind.name().to_owned(),
        record
            .issuer
            .as_ref()
            .map_or_else(|| String::from("-"), ToString::to_string),
        record.key_type.clone(),
        date(record.validity.not_after),
        status,
    ];
    if with_serial {
        row.push(record.serial.to_string());
    }
    row.push(record.names.join(", "));
    row
}

/// Red: ended; yellow: ends soon.
pub(crate) fn style(record: &Listed, line: &str, now: OffsetDateTime) -> String {
    let left = record.validity.not_after - now;
    let color = match record.status {
        Status::Current if left.is_negative() => AnsiColor::Red,
        Status::Current if Margin::Usual.due_from(record.validity) <= now => AnsiColor::Yellow,
        _ => return format!("{line}\n"),
    };
    let style = color.on_default();
    format!("{style}{line}{style:#}\n")
}
