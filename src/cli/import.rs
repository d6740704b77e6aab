//! `certctl import`: another tool's PKI goes on here, with all that it has revoked.

use std::path::{Path, PathBuf};

pub(super) mod document;

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser as _};

use super::{Context, Report, Run, args::entry_name, bounded::Kind, input::Input, report::Outcome};
use crate::{
    host::source_tree::SourceTree,
    import::{
        Tool, Unrecognised,
        gather::{Found, gather},
        plan::{Authority, Fate, Mistake, New, Plan, Terms, plan},
        recognise,
    },
    issuance::takeover::{Manner, carry_out, knowledge},
    pki::{
        entry_name::EntryName,
        rules::{Moment, Role, View, breaches},
    },
    severity::Severity,
    store::Access,
};

/// Take over another tool's PKI
///
/// Reads what easy-rsa, openssl ca, cfssl, step, mkcert, minica, certstrap, cockroach cert or kubeadm keep in a
/// folder: CAs, certificates, what was revoked, when and why, and the number of the last CRL. Nothing is written there.
/// Each signature is verified; what another CA has signed is left out. What an index lists and no file holds is on
/// record too, so that it can be revoked. Private keys stay where they are unless --keys brings them. Done again, or
/// with another copy of the same PKI, it adds what is new. Where PATH is the PKI directory itself, its ledger is made
/// anew, or made up, from what lies there.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl import /etc/openvpn/easy-rsa/pki -n\n  \
    certctl import /etc/openvpn/easy-rsa/pki --keys --ca vpn\n  \
    certctl import demoCA --from openssl-ca --crl ca.crl\n  \
    certctl import /etc/kubernetes/pki\n  \
    certctl import pki --from certctl")]
pub(crate) struct Import {
    /// Folder that the tool keeps
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Tool that has made it
    #[arg(long, value_name = "TOOL", default_value = AUTO, value_parser = tool())]
    from: Asked,
    /// Name of its CA here; where there are several, of the one that has issued most
    #[arg(long, value_name = "NAME", value_parser = entry_name)]
    ca: Option<EntryName>,
    /// Take private keys over too; encrypted ones stay so
    #[arg(long)]
    keys: bool,
    /// CRL that lies elsewhere (can be repeated)
    #[arg(long, value_name = "FILE")]
    crl: Vec<PathBuf>,
    /// Say what would be done, and change nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// Whatever fits.
const AUTO: &str = "auto";

/// The tool that somebody names, if any.
#[derive(Clone, Copy, Debug)]
struct Asked(Option<Tool>);

fn tool() -> impl clap::builder::TypedValueParser<Value = Asked> {
    let words = [AUTO].into_iter().chain(Tool::ALL.map(Tool::name));
    let parser = PossibleValuesParser::new(words.collect::<Vec<_>>());
    parser.map(|word| Asked(word.parse().ok()))
}

impl Run for Import {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        let found = self.found()?;
        let is_in_place = self.is_in_place(context, &found);
        let access = if is_in_place {
            Access::Rebuild
        } else {
            Access::Create
        };
        let mut pki = context.open(access)?;
        let mut here = knowledge(&pki)?;
        if is_in_place {
            here.owners.clear();
        }
        let terms = Terms {
            ca: self.ca.as_ref(),
            now: context.now,
            is_in_place,
        };
        let manner = Manner {
            dry_run: self.dry_run,
            is_in_place,
        };
        let plan = plan(&found, &here, &terms).map_err(|mistakes| self.mistaken(&mistakes))?;
        let records = match plan.has_changes() {
            true => carry_out(&mut pki, &plan, manner)?,
            false => Vec::new(),
        };
        self.warn(context, &found, &plan, is_in_place);
        document::tell(
            context,
            &pki,
            &document::Told {
                found: &found,
                plan: &plan,
                records: &records,
                source: &self.shown(),
                dry_run: self.dry_run,
            },
        )?;
        if !plan.has_changes() {
            return Ok(Outcome::Unchanged);
        }
        self.next(context, &plan);
        Ok(Outcome::Changed)
    }
}

impl Import {
    fn shown(&self) -> String {
        crate::pki::name::visible(&self.path.to_string_lossy()).into_owned()
    }

    /// Whether it is the PKI directory itself.
    fn is_in_place(&self, context: &Context, found: &Found) -> bool {
        let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
            (Ok(one), Ok(other)) => one == other,
            _ => false,
        };
        let dir = &context.dir;
        found.tool == Tool::Certctl && (same(&self.path, dir) || same(&self.path.join("pki"), dir))
    }

    /// All that the source holds.
    fn found(&self) -> Result<Found, Report> {
        let tree = SourceTree::open(&self.path).map_err(|error| {
            Report::failed("io", format!("cannot read {}: {error}", self.shown()))
        })?;
        let (tool, base) =
            recognise(&tree, self.from.0).map_err(|error| self.unrecognised(&error))?;
        let mut found = gather(&tree, (tool, base), self.keys).map_err(|mistakes| {
            let reports = mistakes.into_iter().map(|mistake| Report::failed("import", mistake));
            let report = Report::all(reports.collect());
            let report = report.unwrap_or_else(|| Report::failed("import", self.shown()));
            report.hint("what is left out could be a revocation: mend the file, or take it out of the folder")
        })?;
        for path in &self.crl {
            let input = Input::read(path, Kind::RevocationList)?;
            let lists = input.revocation_lists()?.into_iter();
            found
                .lists
                .extend(lists.map(|list| (input.name.clone(), list)));
        }
        Ok(found)
    }

    fn unrecognised(&self, error: &Unrecognised) -> Report {
        let report = Report::failed("not-recognised", format!("{}: {error}", self.shown()));
        match error {
            Unrecognised::None => Tool::ALL.into_iter().fold(report, |report, tool| {
                report.hint(format!(
                    "{tool}: {} would be there",
                    tool.looks_for().trim_end_matches(',')
                ))
            }),
            Unrecognised::Several(_) => report.hint("say which with `--from TOOL`"),
            Unrecognised::Other(_) => report,
        }
    }

    fn mistaken(&self, mistakes: &[Mistake]) -> Report {
        let report = |mistake: &Mistake| {
            match mistake {
            Mistake::Taken(name) => Report::refused("exists", mistake)
                .hint(format!("take another name than `{name}`, or none")),
            Mistake::Otherwise(name) => Report::usage(mistake).hint(format!("leave `--ca` out, or write `--ca {name}`")),
            Mistake::NoAuthority => Report::failed("import", format!("{}: {mistake}", self.shown()))
                .hint("name the CA here that it belongs to with `--ca NAME`"),
            Mistake::NoParent { .. } => Report::failed("import", mistake).hint(
                "adopt its issuer first: `certctl init-ca NAME --cert FILE` a root; its key can stay where it is",
            ),
            Mistake::WhoseIndex(_) => Report::failed("import", mistake).hint("name that CA with `--ca NAME`"),
            Mistake::Partial(_) => Report::failed("import", mistake).hint("give the complete CRL with `--crl FILE`"),
            Mistake::Clash { .. } | Mistake::Twice { .. } => Report::failed("import", mistake)
                .hint("a CA that gave a number twice cannot revoke the one without the other: take out of the folder what is not in use"),
            Mistake::Unfit { .. } | Mistake::ManyAuthorities(_) => Report::failed("import", mistake),
        }
        };
        let reports = mistakes.iter().map(report).collect();
        Report::all(reports).unwrap_or_else(|| Report::failed("import", self.shown()))
    }

    /// What the source contradicts itself in, what is left out, and what peers may refuse.
    fn warn(&self, context: &Context, found: &Found, plan: &Plan, is_in_place: bool) {
        for warning in &plan.warnings {
            context.ui.warning(warning);
        }
        if is_in_place {
            unknown(context, plan);
            return;
        }
        for authority in &plan.authorities {
            self.warn_of(context, found, authority);
        }
        let renamed = plan
            .new
            .iter()
            .filter_map(|new| Some((new.called.as_ref()?, &new.name)));
        let renamed: Vec<_> = renamed
            .map(|(called, name)| {
                format!("`{}` is `{name}` here", crate::pki::name::visible(called))
            })
            .collect();
        document::each_once(renamed, |line| context.ui.note(line));
    }

    fn warn_of(&self, context: &Context, found: &Found, authority: &Authority) {
        let name = &authority.name;
        if let Some(key) = &authority.key
            && key.is_encrypted
        {
            context.ui.note(format!(
                "the key of the CA `{name}` is encrypted and stays so: whether it belongs to the certificate shows \
                 when it first signs"
            ));
        }
        if authority.is_here {
            return;
        }
        if authority.key.is_none() && authority.revocation.is_none() {
            let bring = if self.keys {
                ""
            } else {
                "; `--keys` brings it"
            };
            context.ui.note(format!(
                "the key of the CA `{name}` stays elsewhere: here it signs neither certificates nor CRLs{bring}"
            ));
        }
        let is_told =
            authority.last_number > 0 || authority.list.is_some() || !found.indexes.is_empty();
        if !is_told && found.tool.revokes() {
            context.ui.warning(format!(
                "what the CA `{name}` has revoked is not known here: there is neither an index nor a CRL of it"
            ));
            context
                .ui
                .hint("where it has made a CRL, do it again with `--crl FILE`");
        }
        let view = View::new(authority.certificate.parsed(), Role::Authority);
        for breach in breaches(&view, &Moment::at(context.now)) {
            if breach.rule.severity >= Severity::Warning {
                context.ui.warning(format!("the CA `{name}`: {breach}"));
                context.ui.hint(breach.rule.hint);
            }
        }
    }

    fn next(&self, context: &Context, plan: &Plan) {
        if self.dry_run || context.ui.is_json() {
            return;
        }
        let signs = |it: &&Authority| it.has_key && it.revocation.is_none();
        let mut signing = plan.authorities.iter().filter(signs);
        let words = match signing.next() {
            Some(authority) => format!("crl --ca {}", authority.name),
            None => String::from("list"),
        };
        let command = context.command(&words);
        context.ui.hint(format!("next: `{command}`"));
    }
}

/// What no file of a PKI directory tells.
fn unknown(context: &Context, plan: &Plan) {
    if !plan.has_changes() {
        return;
    }
    context.ui.note(
        "no file tells who did what before, where CRLs are served, and what other CAs have signed: `certctl check` \
         shows what is not on record",
    );
    let is_kept = |new: &&New| new.fate == Fate::Kept;
    let kept = plan.new.iter().filter(is_kept).map(|new| &new.serial);
    let kept: Vec<_> = kept
        .chain(plan.replaced.iter().map(|(_, serial)| serial))
        .collect();
    if let Some(first) = kept.first() {
        context.ui.warning(format!(
            "{} in the archive, which no CRL lists: taken for replaced, though one may have been revoked since the \
             last CRL was made",
            document::certificates(kept.len())
        ));
        context.ui.hint(format!(
            "`certctl list --replaced` shows them; `certctl revoke --serial {first}` revokes the first"
        ));
    }
}
