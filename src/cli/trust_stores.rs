//! Where programs look for roots that they trust, and the commands that put one there and take it away.
//!
//! A new store is one more row of [`STORES`].

use std::{env, fs, io, path::Path, process::Stdio};

use clap::{Args, builder::PossibleValuesParser};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::{
    Context, Report,
    args::authority_name,
    bounded::tail,
    open::{issuing_authority, standing_authority},
    report::Outcome,
    ui,
};
use crate::{
    pki::entry_name::EntryName,
    store::{
        Access,
        layout::{Place, file},
    },
};

/// One store of trusted roots. In its commands `{cert}` is the root's file, `{label}` the name under which
/// it is kept, `{home}` the user's home directory.
struct Store {
    name: &'static str,
    about: &'static str,
    install: &'static [&'static str],
    uninstall: &'static [&'static str],
    /// Whether the system's own programs use it; others are changed only when they are named.
    is_system: bool,
}

const STORES: [Store; 5] = [
    Store {
        name: "debian",
        about: "Debian, Ubuntu, Alpine",
        install: &[
            "install -m 644 {cert} /usr/local/share/ca-certificates/{label}.crt",
            "update-ca-certificates",
        ],
        uninstall: &[
            "rm -f /usr/local/share/ca-certificates/{label}.crt",
            "update-ca-certificates --fresh",
        ],
        is_system: true,
    },
    Store {
        name: "redhat",
        about: "Red Hat, Fedora, Rocky, Amazon Linux",
        install: &[
            "install -m 644 {cert} /etc/pki/ca-trust/source/anchors/{label}.pem",
            "update-ca-trust extract",
        ],
        uninstall: &[
            "rm -f /etc/pki/ca-trust/source/anchors/{label}.pem",
            "update-ca-trust extract",
        ],
        is_system: true,
    },
    Store {
        name: "macos",
        about: "macOS",
        install: &[
            "security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {cert}",
        ],
        uninstall: &["security remove-trusted-cert -d {cert}"],
        is_system: true,
    },
    // `changeit` is the password that every Java comes with; it guards nothing.
    Store {
        name: "java",
        about: "Java",
        install: &[
            "keytool -importcert -noprompt -cacerts -storepass changeit -alias {label} -file {cert}",
        ],
        uninstall: &["keytool -delete -cacerts -storepass changeit -alias {label}"],
        is_system: false,
    },
    Store {
        name: "nss",
        about: "NSS: Chromium, and with another -d Firefox",
        install: &["certutil -A -d sql:{home}/.pki/nssdb -n {label} -t C,, -i {cert}"],
        uninstall: &["certutil -D -d sql:{home}/.pki/nssdb -n {label}"],
        is_system: false,
    },
];

/// What is done with a root.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Install,
    Uninstall,
}

impl Action {
    fn schema(self) -> &'static str {
        match self {
            Self::Install => "certctl/install-root/v1",
            Self::Uninstall => "certctl/uninstall-root/v1",
        }
    }

    fn commands(self, store: &Store) -> &'static [&'static str] {
        match self {
            Self::Install => store.install,
            Self::Uninstall => store.uninstall,
        }
    }
}

/// Arguments of both commands.
#[derive(Args, Debug)]
pub(crate) struct TrustArgs {
    /// Root CA [default: the only one]
    #[arg(value_name = "CA", value_parser = authority_name)]
    name: Option<EntryName>,
    /// Store to change (can be repeated) [default: the system's]
    #[arg(long = "store", value_name = "STORE", value_parser = PossibleValuesParser::new(STORES.map(|store| store.name)))]
    stores: Vec<String>,
    /// Print the commands for every store, and run none
    #[arg(short = 'n', long, visible_alias = "print")]
    dry_run: bool,
    /// Do not ask on a terminal
    #[arg(short, long)]
    yes: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document<'a> {
    schema: &'static str,
    /// Name of the root
    name: &'a str,
    /// What is run for each trust store
    stores: Vec<Plan>,
}

/// What is to be run for one store.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Plan {
    /// The trust store
    #[cfg_attr(test, schemars(extend("enum" = STORES.map(|store| store.name))))]
    store: &'static str,
    #[serde(skip)]
    about: &'static str,
    /// Words of each command
    commands: Vec<Vec<String>>,
}

impl TrustArgs {
    pub(crate) fn run(&self, action: Action, context: &Context) -> Result<Outcome, Report> {
        let (name, certificate, label) = self.root(context)?;
        let home = env::var("HOME").unwrap_or_else(|_| String::from("~"));
        let fill = |word: &str| {
            word.replace("{cert}", &certificate)
                .replace("{label}", &label)
                .replace("{home}", &home)
        };
        let stores = STORES.iter().filter(|store| self.is_wanted(store, action));
        let plans: Vec<_> = stores
            .map(|store| Plan {
                store: store.name,
                about: store.about,
                commands: action
                    .commands(store)
                    .iter()
                    .map(|command| command.split(' ').map(fill).collect())
                    .collect(),
            })
            .collect();
        if plans.is_empty() {
            return Err(Report::failed(
                "no-store",
                "this system has none of the stores that certctl knows",
            )
            .hint("`certctl install-root --print` shows the commands for all of them"));
        }
        let document = Document {
            schema: action.schema(),
            name: name.as_str(),
            stores: plans,
        };
        if self.dry_run {
            context.ui.result(|| script(&document.stores), &document)?;
            return Ok(Outcome::Changed);
        }
        if !self.yes && !ui::confirm(&question(action, &document), true)? {
            return Err(Report::failed("not-confirmed", "nothing was changed"));
        }
        for command in document.stores.iter().flat_map(|plan| &plan.commands) {
            run(command, context)?;
        }
        context.ui.result(
            || match action {
                Action::Install => format!("`{name}` is trusted now"),
                Action::Uninstall => format!("`{name}` is not trusted any more"),
            },
            &document,
        )?;
        Ok(Outcome::Changed)
    }

    /// The root's name, the path of its certificate, and a label that no other root has.
    fn root(&self, context: &Context) -> Result<(EntryName, String, String), Report> {
        let pki = context.open(Access::Read)?;
        let records = pki.authorities()?;
        let mut roots = records.iter().filter(|record| record.issuer.is_none());
        let name = match (&self.name, roots.next(), roots.next()) {
            (Some(name), ..) => name.clone(),
            (None, Some(only), None) => only.name.clone(),
            (None, None, _) => issuing_authority(&pki, None)?,
            (None, Some(_), Some(_)) => {
                return Err(Report::usage("there are several roots").hint("name one of them"));
            }
        };
        let authority = standing_authority(&pki, &name)?;
        if !authority.certificate.is_self_signed() {
            return Err(
                Report::refused("not-a-root", format!("`{name}` is not a root"))
                    .hint("name its root: what is below a trusted root is trusted too"),
            );
        }
        let digest = digest(&SHA256, authority.certificate.der());
        let digits = base16ct::lower::encode_string(&digest.as_ref()[..4]);
        let label = format!("certctl-{name}-{digits}");
        let path = pki
            .layout()
            .place(&Place::authority(name.clone()))
            .join(file::CERTIFICATE);
        Ok((name, path.display().to_string(), label))
    }

    fn is_wanted(&self, store: &Store, action: Action) -> bool {
        if !self.stores.is_empty() {
            return self.stores.iter().any(|name| name == store.name);
        }
        let last = action.commands(store).last();
        let program = last.and_then(|command| command.split(' ').next());
        self.dry_run || (store.is_system && program.is_some_and(is_installed))
    }
}

fn question(action: Action, document: &Document<'_>) -> String {
    let stores: Vec<_> = document.stores.iter().map(|plan| plan.about).collect();
    let verb = match action {
        Action::Install => "Trust",
        Action::Uninstall => "Stop trusting",
    };
    format!("{verb} `{}` ({})?", document.name, stores.join(", "))
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| is_file(&directory.join(program)))
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

/// The commands for a shell, one paragraph for each store.
fn script(plans: &[Plan]) -> String {
    let paragraph = |plan: &Plan| {
        let commands = plan.commands.iter();
        let lines = commands.map(|command| format!("{}\n", line(command)));
        format!("# {}\n{}", plan.about, lines.collect::<String>())
    };
    plans.iter().map(paragraph).collect::<Vec<_>>().join("\n")
}

fn line(command: &[String]) -> String {
    let words = command.iter().map(|word| crate::emit::shell_word(word));
    words.collect::<Vec<_>>().join(" ")
}

fn run(command: &[String], context: &Context) -> Result<(), Report> {
    let line = line(command);
    context.ui.detail(&line);
    let failed = |reason: String| {
        Report::failed("command", format!("`{line}`: {reason}"))
            .hint("it may need root; `--print` prints the commands, for you to run as another user")
    };
    let Some((program, arguments)) = command.split_first() else {
        return Ok(());
    };
    let run = || {
        // What a command says is not this command's result.
        let mut child = context
            .surroundings
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = child.stderr.take().map(tail).transpose()?;
        Ok((child.wait()?, said.unwrap_or_default()))
    };
    let (status, said) = run().map_err(|error: io::Error| failed(error.to_string()))?;
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&said);
    let last = said.lines().rfind(|line| !line.trim().is_empty());
    Err(failed(
        last.map_or_else(|| status.to_string(), str::to_owned),
    ))
}
