//! `certctl list`: what there is, and until when it is valid.

use std::{collections::HashSet, ops::ControlFlow};

use clap::{Args, builder::styling::AnsiColor};
use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeSeq as _},
};
use time::OffsetDateTime;

use super::{
    Context, Report, Run,
    args::{authority_name, margin},
    document::{Entry, date, remaining},
    duration,
    elsewhere::{note_all_waiting, waits_for_first},
    names::{Target, targets},
    report::Outcome,
    table::Columns,
};
use crate::{
    pki::{entry_name::EntryName, renewal::Margin},
    store::{
        Access, Pki, StoreError,
        generations::Generations,
        layout::Area,
        ledger::{Listed, Order, Selection, Status},
        waiting::all_waiting,
    },
};

/// List CAs and certificates
///
/// Shows what is in use: CAs from the roots down, then entries by name. Each option narrows the
/// list.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl list\n  \
    certctl list node{1..3} ca/issuing\n  \
    certctl list --expiring 30d\n  \
    certctl list --ca issuing --revoked\n  \
    certctl list --json")]
pub(crate) struct List {
    /// Only these entries and CAs; node{1..9} stands for nine, and a CA may be written ca/NAME (can be repeated)
    #[arg(value_name = "NAME", value_parser = targets)]
    names: Vec<Vec<Target>>,
    #[arg(skip)]
    wanted: HashSet<Target>,
    /// Only what has ended or has so much of its life left, as in 30d or 33%, the first to end first
    /// [default: what renew calls due, a third, at most 30d]
    #[arg(long, value_name = "DURATION|PERCENT", num_args = 0..=1, value_parser = margin)]
    #[allow(clippy::option_option)] // clap's way to leave out an option's value
    expiring: Option<Option<Margin>>,
    /// Only what was revoked
    #[arg(long)]
    revoked: bool,
    /// Only what another certificate has replaced
    #[arg(long)]
    replaced: bool,
    /// Only what this CA has signed
    #[arg(long, value_name = "NAME", value_parser = authority_name)]
    ca: Option<EntryName>,
}

impl Run for List {
    fn run(mut self, context: &mut Context) -> Result<Outcome, Report> {
        let pki = context.open(Access::Read)?;
        if let Some(name) = &self.ca
            && !pki.authorities()?.iter().any(|ca| ca.name == *name)
        {
            return Err(StoreError::NoAuthority(name.clone()).into());
        }
        self.wanted = self.names.iter().flatten().cloned().collect();
        self.refuse_unknown(&pki)?;
        let selection = self.selection(context.now);
        let generations = pki.generations()?;
        if context.ui.is_json() {
            let document = Document {
                schema: "certctl/list/v1",
                entries: Entries {
                    list: &self,
                    pki: &pki,
                    selection: &selection,
                    generations: &generations,
                    now: context.now,
                },
                waiting: self.all_waiting(&pki)?,
            };
            context.ui.result(String::new, &document)?;
        } else {
            self.print(context, &pki, &selection, &generations)?;
            for area in [Area::Authorities, Area::Entries] {
                note_all_waiting(context, area, &self.waiting(&pki, area)?);
            }
        }
        Ok(Outcome::Unchanged)
    }
}

impl List {
    fn margin(&self) -> Option<Margin> {
        self.expiring.map(Option::unwrap_or_default)
    }

    /// `node1`, `ca/issuing`: all that wait.
    fn all_waiting(&self, pki: &Pki) -> Result<Vec<String>, Report> {
        let authorities = self.waiting(pki, Area::Authorities)?;
        let authorities = authorities.iter().map(|name| format!("ca/{name}"));
        let entries = self.waiting(pki, Area::Entries)?;
        Ok(authorities
            .chain(entries.iter().map(ToString::to_string))
            .collect())
    }

    /// What waits for an answer of a CA elsewhere.
    fn waiting(&self, pki: &Pki, area: Area) -> Result<Vec<EntryName>, Report> {
        match self.ca.is_some() || self.revoked || self.replaced {
            true => Ok(Vec::new()),
            false => {
                let mut waiting = all_waiting(pki.layout(), area)?;
                waiting.retain(|name| self.is_named(area, name));
                Ok(waiting)
            }
        }
    }

    /// Refuses names that nothing ever had, all together.
    fn refuse_unknown(&self, pki: &Pki) -> Result<(), Report> {
        let mut unknown = Vec::new();
        for target in self.names.iter().flatten() {
            let selection = Selection {
                area: target.area,
                name: Some(target.name.clone()),
                ..Selection::default()
            };
            let first = pki.ledger().select(&selection, ControlFlow::Break)?;
            if first.is_continue() && waits_for_first(pki, target)?.is_none() {
                unknown.push(target.unknown(pki)?);
            }
        }
        Report::all(unknown).map_or(Ok(()), Err)
    }

    /// Whether the names leave it in the list.
    fn is_named(&self, area: Area, name: &EntryName) -> bool {
        let mut meanings = [None, Some(area)].into_iter();
        self.wanted.is_empty()
            || meanings.any(|area| {
                let name = name.clone();
                self.wanted.contains(&Target { area, name })
            })
    }

    /// Whether it is one of the names, and so little of its life is left.
    fn is_wanted(&self, record: &Listed, now: OffsetDateTime) -> bool {
        let margin = self.margin();
        self.is_named(record.kind.area(), &record.name)
            && margin.is_none_or(|margin| margin.due_from(record.validity) <= now)
    }

    fn selection(&self, now: OffsetDateTime) -> Selection {
        let statuses = match (self.revoked, self.replaced) {
            (false, false) => vec![Status::Current],
            (true, false) => vec![Status::Revoked],
            (false, true) => vec![Status::Replaced],
            (true, true) => vec![Status::Revoked, Status::Replaced],
        };
        Selection {
            issuer: self.ca.clone(),
            statuses,
            ends_by: match self.margin() {
                Some(Margin::Fixed(within)) => Some(now.saturating_add(within)),
                _ => None,
            },
            order: match self.expiring {
                Some(_) => Order::End,
                None => Order::Name,
            },
            ..Selection::default()
        }
    }

    /// Prints a table in two passes, so that its length costs no memory.
    fn print(
        &self,
        context: &Context,
        pki: &Pki,
        selection: &Selection,
        generations: &Generations,
    ) -> Result<(), Report> {
        /// Rows that are printed at a time.
        const PIECE: usize = 1000;
        let past = self.revoked || self.replaced;
        let mut columns = match past {
            false => Columns::new(&["NAME", "KIND", "ISSUER", "KEY", "UNTIL", "STATUS", "NAMES"]),
            true => Columns::new(&[
                "NAME", "KIND", "ISSUER", "KEY", "UNTIL", "STATUS", "SERIAL", "NAMES",
            ]),
        };
        let row = |record: &Listed| row(record, context.now, past, generations);
        let mut is_empty = true;
        let unsorted = Selection {
            order: Order::Newest,
            ..selection.clone()
        };
        let _: ControlFlow<()> = pki.ledger().select(&unsorted, |record| {
            if !self.is_wanted(&record, context.now) {
                return ControlFlow::Continue(());
            }
            is_empty = false;
            columns.measure(&row(&record));
            ControlFlow::Continue(())
        })?;
        if is_empty {
            context.ui.note(self.nothing());
            return Ok(());
        }
        if let Some(width) = context.ui.width() {
            columns.fit(width);
        }
        context.ui.print(&columns.header())?;
        let mut piece = Vec::with_capacity(PIECE);
        let print = |piece: &mut Vec<Listed>| {
            let lines = columns.lines(piece.iter().map(row));
            let styled = lines.iter().zip(piece.iter());
            let text = styled
                .map(|(line, record)| style(record, line, context.now))
                .collect::<String>();
            piece.clear();
            context.ui.print(&text)
        };
        let flow = pki.ledger().select(selection, |record| {
            if self.is_wanted(&record, context.now) {
                piece.push(record);
            }
            match piece.len() {
                PIECE => broken_by(print(&mut piece)),
                _ => ControlFlow::Continue(()),
            }
        })?;
        flow.break_value().map_or_else(|| print(&mut piece), Err)
    }

    fn nothing(&self) -> String {
        let within = self.margin().map(|within| match within {
            Margin::Usual => String::from(" is due"),
            Margin::Fixed(within) => format!(" ends within {}", duration::display(within)),
            Margin::Percent(percent) => format!(" is in the last {percent}% of its life"),
        });
        let state = match (self.revoked, self.replaced) {
            (false, false) => "certificate in use",
            (true, false) => "revoked certificate",
            (false, true) => "replaced certificate",
            (true, true) => "revoked or replaced certificate",
        };
        let of = self.ca.as_ref().map(|ca| format!(" of the CA `{ca}`"));
        let rest = within.unwrap_or_else(|| String::from(" was found"));
        format!("no {state}{}{rest}", of.unwrap_or_default())
    }
}

fn row(
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
fn style(record: &Listed, line: &str, now: OffsetDateTime) -> String {
    let left = record.validity.not_after - now;
    let color = match record.status {
        Status::Current if left.is_negative() => AnsiColor::Red,
        Status::Current if Margin::Usual.due_from(record.validity) <= now => AnsiColor::Yellow,
        _ => return format!("{line}\n"),
    };
    let style = color.on_default();
    format!("{style}{line}{style:#}\n")
}

/// `certctl/list/v1`
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    schema: &'static str,
    /// The certificates, sorted by name, or by their end with `--expiring`
    #[cfg_attr(test, schemars(with = "Vec<crate::cli::document::Entry>"))]
    entries: Entries<'a>,
    /// Names of entries, and CAs as ca/NAME, with a request that waits for a CA elsewhere, unless `--ca` or the like narrows the list
    waiting: Vec<String>,
}

/// Entries that are read from the ledger while they are written.
struct Entries<'a> {
    list: &'a List,
    pki: &'a Pki,
    selection: &'a Selection,
    generations: &'a Generations,
    now: OffsetDateTime,
}

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        let add = |record: Listed| {
            if !self.list.is_wanted(&record, self.now) {
                return ControlFlow::Continue(());
            }
            let entry = Entry::new(&record, self.pki.layout(), self.now);
            let entry = entry.among(self.generations);
            broken_by(sequence.serialize_element(&entry))
        };
        match self.pki.ledger().select(self.selection, add) {
            Ok(ControlFlow::Continue(())) => sequence.end(),
            Ok(ControlFlow::Break(error)) => Err(error),
            Err(error) => Err(S::Error::custom(error)),
        }
    }
}

/// Breaks off at the first error.
fn broken_by<E>(result: Result<(), E>) -> ControlFlow<E> {
    match result {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}
