//! `certctl revoke`: a certificate is no longer good, or its hold ends.

use std::path::PathBuf;

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser as _};

use super::{
    Context, Report, Run,
    args::entry_name,
    document::Entry,
    names::{Target, targets},
    report::Outcome,
    ui,
};
use crate::{
    documents::revoke::Document,
    issuance::{
        crl::ahead,
        revocation::{Wish, needs_all_crls},
    },
    pki::{entry_name::EntryName, revocation::Reason, serial::Serial, validity::rfc3339},
    session::wanted::{Wanted, now},
    store::{Access, Pki, ledger::Record},
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
        let wanted = Wanted {
            names: self.names.iter().flatten().cloned().collect(),
            serial: self.serial.clone(),
            ca: self.ca.clone(),
            cert: self.cert.clone(),
            wish: self.reason,
        };
        let meant = wanted.meant(&pki, context)?;
        if !self.yes && !self.dry_run && self.reason != Wish::Release {
            let question = format!("Revoke {}?", meant.names(LISTED).join(", "));
            if !ui::confirm(&question, true)? {
                return Err(Report::failed("not-confirmed", "nothing was revoked"));
            }
        }
        let records = meant.carry_out(&mut pki, self.reason, self.dry_run, context)?;
        self.tell(context, &pki, &records)
    }
}

impl Revoke {
    fn tell(&self, context: &Context, pki: &Pki, records: &[Record]) -> Result<Outcome, Report> {
        let told = match context.ui.is_json() {
            true => records.len(),
            false => LISTED,
        };
        let after = records.iter().take(told).map(|it| now(pki, it));
        let after: Vec<_> = after.collect::<Result<_, _>>()?;
        let entry = |record| Entry::new(record, pki.layout(), context.now);
        let entries: Vec<_> = after.iter().map(entry).collect();
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
            warn_of_waiting(context, pki, issuer);
        }
        Ok(Outcome::Changed)
    }
}

/// Tells of CRLs that were made ahead. What was revoked is, whether or not these can be read.
fn warn_of_waiting(context: &Context, pki: &Pki, issuer: &EntryName) {
    let warning = match ahead::until(pki, issuer) {
        Ok(None) => return,
        Ok(Some(until)) => format!(
            "the CRLs of `{issuer}` that were made ahead, until {}, do not list it: until new ones are signed, peers let \
             it in",
            rfc3339(until)
        ),
        Err(error) => {
            format!(
                "whether CRLs of `{issuer}` were made ahead, which would not list it, is not known: {error}"
            )
        }
    };
    context.ui.warning(warning);
}
