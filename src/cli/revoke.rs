//! `certctl revoke`: a certificate is no longer good, or its hold ends.

use std::path::PathBuf;

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser as _};

use super::{
    Context, Report, Run,
    args::entry_name,
    document::Entry,
    exposed,
    names::{Target, targets},
    report::Outcome,
    ui,
};
use crate::{
    documents::revoke::Document,
    issuance::{
        revocation::{self, RevokeError, Wish, needs_all_crls},
        takeover::{Manner, carry_out},
    },
    pki::{entry_name::EntryName, revocation::Reason, serial::Serial},
    session::{given, wanted::Wanted},
    store::{
        Access, Pki,
        ledger::{Record, Status},
    },
};

/// Ends a hold instead of beginning a revocation (RFC 5280 §5.3.1).
const REMOVE: &str = "removeFromCRL";

/// So many certificates are listed for people; of more there is only the number.
const LISTED: usize = 20;

/// Revoke certificates
///
/// A revoked entry moves to the archive. Peers learn of it from the CA's next CRL, which certctl crl
/// makes. With --reason certificateHold it can be taken back with --reason removeFromCRL.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl revoke node1 --reason keyCompromise\n  \
    certctl revoke 'node{1..9}' --reason cessationOfOperation\n  \
    certctl revoke --serial 4A0B17C2 --reason superseded\n  \
    certctl revoke --cert node1.pem --reason keyCompromise\n  \
    certctl revoke node1 --reason certificateHold\n  \
    certctl revoke node1 --reason removeFromCRL")]
pub(crate) struct Revoke {
    /// Entry, or CA, whose certificate in use is revoked; node{1..9} stands for nine (can be repeated)
    #[arg(value_name = "NAME", required_unless_present_any = ["serial", "cert"], value_parser = targets)]
    names: Vec<Vec<Target>>,
    /// Serial number of one certificate, also of one that was replaced
    #[arg(long, value_name = "HEX", conflicts_with = "names")]
    serial: Option<Serial>,
    /// CA that has given the serial number, where several have
    #[arg(long, value_name = "NAME", requires = "serial", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Certificate that a CA here has signed, whether anything else is known of it or not
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "serial"])]
    cert: Option<PathBuf>,
    /// Why
    #[arg(long, value_name = "REASON", default_value = Reason::Unspecified.name(), value_parser = reason(), ignore_case = true)]
    reason: Wish,
    /// Do not ask on a terminal
    #[arg(short, long)]
    yes: bool,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

fn reason() -> impl clap::builder::TypedValueParser<Value = Wish> {
    let words = Reason::ALL.map(Reason::name).into_iter().chain([REMOVE]);
    PossibleValuesParser::new(words.collect::<Vec<_>>()).try_map(|word| {
        match word.eq_ignore_ascii_case(REMOVE) {
            true => Ok(Wish::Release),
            false => word.parse().map(Wish::Revoke),
        }
    })
}

impl Run for Revoke {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let mut pki = context.open(Access::Write)?;
        let records = match &self.cert {
            None => {
                let _snapshot = pki.ledger().snapshot()?;
                self.wanted().records(&pki)?
            }
            Some(path) => match given::find(&pki, path)? {
                given::Given::Known(record) => vec![*record],
                given::Given::Unknown(unknown) => {
                    return self.revoke_unknown(context, &mut pki, &unknown);
                }
            },
        };
        if self.reason != Wish::Release {
            for (authority, below) in revocation::below(&pki, &records)? {
                context.ui.warning(format!(
                    "`{authority}` has signed what is in use, which falls with it: `{}`, {} in all",
                    below[0],
                    below.len()
                ));
            }
        }
        if !self.yes && !self.dry_run && !self.confirmed(&records)? {
            return Err(Report::failed("not-confirmed", "nothing was revoked"));
        }
        let current = records.iter().filter(|it| it.status == Status::Current);
        exposed::warn(context, pki.layout(), current.map(Record::place));
        let changes = revocation::plan(&pki, &records, self.reason, context.now)?;
        if !self.dry_run {
            revocation::carry_out(&mut pki, &records, changes)?;
        }
        self.tell(context, &pki, &records)
    }
}

impl Revoke {
    fn wanted(&self) -> Wanted {
        Wanted {
            names: self.names.iter().flatten().cloned().collect(),
            serial: self.serial.clone(),
            ca: self.ca.clone(),
            wish: self.reason,
        }
    }

    fn confirmed(&self, records: &[Record]) -> Result<bool, Report> {
        if self.reason == Wish::Release {
            return Ok(true);
        }
        let names = records.iter().map(|record| record.name.as_str());
        let mut names: Vec<_> = names.take(LISTED).collect();
        let more = format!("and {} more", records.len() - names.len());
        if records.len() > names.len() {
            names.push(&more);
        }
        ui::confirm(&format!("Revoke {}?", names.join(", ")), true)
    }

    /// Puts a certificate on record of which nothing was known, as a revoked one.
    fn revoke_unknown(
        &self,
        context: &Context,
        pki: &mut Pki,
        unknown: &given::Unknown,
    ) -> Result<Outcome, Report> {
        let Wish::Revoke(reason) = self.reason else {
            return Err(RevokeError::NotOnHold(unknown.name(pki)?).into());
        };
        let plan = unknown.plan(pki, reason, context.now)?;
        let question = format!("Revoke {}?", plan.new[0].name);
        if !self.yes && !self.dry_run && !ui::confirm(&question, true)? {
            return Err(Report::failed("not-confirmed", "nothing was revoked"));
        }
        let records = carry_out(
            pki,
            &plan,
            Manner {
                dry_run: self.dry_run,
                is_in_place: false,
            },
        )?;
        self.tell(context, pki, &records)
    }

    fn tell(&self, context: &Context, pki: &Pki, records: &[Record]) -> Result<Outcome, Report> {
        let told = match context.ui.is_json() {
            true => records.len(),
            false => LISTED,
        };
        let mut after = Vec::new();
        for record in records.iter().take(told) {
            let now = pki.ledger().with_serial(&record.serial)?;
            let now = now.into_iter().find(|found| found.issuer == record.issuer);
            after.push(now.unwrap_or_else(|| record.clone()));
        }
        let entries: Vec<_> = after
            .iter()
            .map(|record| Entry::new(record, pki.layout(), context.now))
            .collect();
        let verb = match (self.reason, self.dry_run) {
            (Wish::Release, false) => "took the hold off",
            (Wish::Release, true) => "would take the hold off",
            (Wish::Revoke(_), false) => "revoked",
            (Wish::Revoke(_), true) => "would revoke",
        };
        let text = || {
            let line = |entry: &Entry| format!("{verb} {} (serial {})", entry.name, entry.serial);
            let mut lines: Vec<_> = entries.iter().map(line).collect();
            if records.len() > lines.len() {
                lines.push(format!("{verb} {} in all", records.len()));
            }
            lines.join("\n")
        };
        let document = Document {
            schema: "certctl/revoke/v1",
            entries: entries.clone(),
        };
        context.ui.result(text, &document)?;
        let mut issuers: Vec<_> = records
            .iter()
            .filter_map(|record| record.issuer.as_ref())
            .collect();
        issuers.sort_unstable();
        issuers.dedup();
        for issuer in issuers
            .iter()
            .filter(|_| !self.dry_run && !context.ui.is_json())
        {
            let words = match needs_all_crls(pki, issuer)? {
                true => String::from("crl --all"),
                false => format!("crl --ca {issuer}"),
            };
            let command = context.command(&words);
            context
                .ui
                .hint(format!("next: `{command}` tells the CA's peers"));
        }
        Ok(Outcome::Changed)
    }
}
