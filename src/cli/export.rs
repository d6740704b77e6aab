//! `certctl export`: an entry or a CA as one file, in the form that another program reads.

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    rc::Rc,
    slice,
};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser as _};

use super::{
    Context, Report, Run, exposed,
    fallen::warn_of_fallen,
    names::{Target, target},
    passphrases::PassphraseArgs,
    report::Outcome,
    secrets::{Secret, plain_file, plain_variable},
    taken::{self, Destination, Put},
    ui,
};
use crate::{
    documents::export::Document,
    export::{
        ExportError, FORMATS, Format, KeyUse, Material, Options,
        pem::{ORDERS, Order},
    },
    pki::secret::Passphrase,
    session::exported::Wish,
    store::{Access, files, layout::file},
};

/// Export an entry or a CA as one file
///
/// tar: the directory with its modes, the same octets each time. pem: key and chain. pkcs12: key, chain
/// and root, encrypted, for Java, Windows, macOS and NSS. jks: a Java truststore with the roots (PKCS#12,
/// which Java reads since 8u301 under any type). k8s-secret: a Secret of type kubernetes.io/tls with
/// ca.crt. der: the certificate alone.
///
/// A file that may hold a key is made with mode 0600. A CA's key is left out without --with-key. An
/// entry comes before a CA of the same name.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl export node1 --format tar --out node1.tar\n  \
    certctl export node1 --format pem --order key-first --out node1.pem\n  \
    certctl export app --format pkcs12 --password-file password --out app.p12\n  \
    certctl export root --format jks --password-env TRUSTSTORE_PASSWORD --out truststore.jks\n  \
    certctl export node1 --format k8s-secret | kubectl apply -f -")]
pub(crate) struct Export {
    /// Entry or CA
    #[arg(value_name = "NAME", value_parser = target)]
    target: Target,
    /// What to write
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    format: Format,
    /// File to write; `-` is standard output, a terminal too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What comes first in a PEM file
    #[arg(long, value_name = "ORDER", default_value = ORDERS[0].0, value_parser = order())]
    order: Order,
    /// Take along a CA's private key
    #[arg(long)]
    with_key: bool,
    /// Encrypt with 3DES and SHA-1, for Java before 8u301 and macOS before 15
    #[arg(long)]
    legacy: bool,
    /// File whose first line is the new file's password
    #[arg(long, value_name = "FILE", value_parser = plain_file(), conflicts_with = "password_env")]
    password_file: Option<Secret>,
    /// Environment variable that holds the new file's password
    #[arg(long, value_name = "VARIABLE", value_parser = plain_variable())]
    password_env: Option<Secret>,
    #[command(flatten)]
    passphrase: PassphraseArgs,
    /// Replace FILE
    #[arg(short, long)]
    force: bool,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

fn format() -> impl clap::builder::TypedValueParser<Value = Format> {
    one_of(FORMATS.map(|format| (format.name, format)))
}

fn order() -> impl clap::builder::TypedValueParser<Value = Order> {
    one_of(ORDERS)
}

fn one_of<T: Clone + Send + Sync + 'static, const N: usize>(
    choices: [(&'static str, T); N],
) -> impl clap::builder::TypedValueParser<Value = T> {
    PossibleValuesParser::new(choices.each_ref().map(|(word, _)| *word)).try_map(move |word| {
        let chosen = choices.iter().find(|(name, _)| *name == word);
        chosen
            .map(|(_, value)| value.clone())
            .ok_or("no such choice")
    })
}

impl Run for Export {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        self.refuse_early(context)?;
        let pki = context.open(Access::Read)?;
        let made = slice::from_ref(&self.target.name);
        let passphrases = self.passphrase.among(context, &pki, made)?;
        let wish = Wish {
            target: &self.target,
            with_key: self.with_key,
            opens_key: matches!(self.format.key, KeyUse::Optional | KeyUse::Required),
        };
        let read = wish.read(&pki, &passphrases)?;
        let has_key = match self.format.key {
            KeyUse::AsFile => read.files.iter().any(|file| file.name == file::KEY),
            KeyUse::Never => false,
            KeyUse::Optional | KeyUse::Required => read.key.is_some(),
        };
        self.refuse_terminal(has_key)?;
        if !read.is_authority {
            warn_of_fallen(context, &pki, &self.target.name)?;
        }
        if has_key {
            exposed::warn(context, pki.layout(), [wish.place(&read)]);
        }
        let password = self.password(context)?;
        let material = Material {
            name: self.target.name.as_str(),
            files: &read.files,
            chain: &read.chain,
            roots: &read.roots,
            key: read.key.as_ref(),
        };
        let options = Options {
            order: self.order,
            password: password.as_deref(),
            legacy: self.legacy,
        };
        let written = self.format.write(&material, &options);
        let octets = written.map_err(|error| self.report(&error))?;
        if self.format.key != KeyUse::Never && !has_key {
            context.ui.note(match read.is_authority {
                true => "there is no private key in it; `--with-key` takes a CA's along",
                false => "there is no private key in it, as there is none here",
            });
        }
        self.deliver(context, &octets, has_key)
    }
}

impl Export {
    /// What is wrong whatever lies in the PKI directory.
    fn refuse_early(&self, context: &Context) -> Result<(), Report> {
        match self.file() {
            None if context.ui.is_json() && !self.dry_run => Err(Report::usage(
                "the export and a JSON document cannot both go to standard output",
            )
            .hint("give a file with `--out FILE`")),
            // Of a file that may hold the same already it is known only later; what needs a password is never the same.
            Some(path) if !self.force && (self.format.needs_password || !path.is_file()) => {
                taken::refuse(path, taken::REPLACE)
            }
            _ => Ok(()),
        }
    }

    /// Keys and octets do not belong on a screen.
    fn refuse_terminal(&self, has_key: bool) -> Result<(), Report> {
        let is_harmless = self.format.is_text && !has_key;
        if self.out.is_some() || self.dry_run || is_harmless || !std::io::stdout().is_terminal() {
            return Ok(());
        }
        let what = if has_key {
            "a private key"
        } else {
            "binary data"
        };
        Err(
            Report::refused("terminal", format!("{what} would go to the terminal"))
                .hint("give a file with `--out FILE`; `--out -` insists on the terminal"),
        )
    }

    fn file(&self) -> Option<&Path> {
        self.out.as_deref().filter(|path| path.as_os_str() != "-")
    }

    fn password(&self, context: &Context) -> Result<Option<Rc<Passphrase>>, Report> {
        if !self.format.needs_password {
            return Ok(None);
        }
        let given = self.password_file.as_ref().or(self.password_env.as_ref());
        let password = match given {
            Some(secret) => context.secrets.read(&secret.source, &context.ui)?,
            None if !ui::is_interactive() => {
                return Err(Report::usage(format!(
                    "{} needs a password, and there is no terminal to ask on",
                    self.format.name
                ))
                .hint("give it with `--password-file FILE` or `--password-env VARIABLE`"));
            }
            None => Rc::new(Passphrase::new(ui::ask_secret(
                "passphrase of the new file",
                true,
            )?)),
        };
        if !password.expose().is_ascii() {
            context.ui.warning(
                "the password is not all ASCII: keytool and others may not open the file with it",
            );
        }
        Ok(Some(password))
    }

    fn report(&self, error: &ExportError) -> Report {
        let report = Report::failed("export", error);
        match error {
            ExportError::NoKey { .. } => report.hint(format!(
                "`--with-key` takes along a CA's key; `certctl export {} --format pem` needs none",
                self.target.name
            )),
            _ => report,
        }
    }

    fn document(&self, path: &Path, has_key: bool) -> Document<'_> {
        Document {
            schema: "certctl/export/v1",
            name: self.target.name.as_str(),
            format: self.format.name,
            path: path.display().to_string(),
            has_key,
        }
    }

    fn deliver(&self, context: &Context, octets: &[u8], has_key: bool) -> Result<Outcome, Report> {
        let Some(path) = self.file() else {
            match self.dry_run {
                true if context.ui.is_json() => {
                    let document = self.document(Path::new("-"), has_key);
                    context.ui.result(String::new, &document)?;
                }
                true => context.ui.note(format!(
                    "would write `{}` to standard output",
                    self.target.name
                )),
                false => context.ui.print_raw(octets)?,
            }
            return Ok(Outcome::Unchanged);
        };
        let mode = if has_key {
            files::PRIVATE
        } else {
            files::PUBLIC
        };
        let destination = Destination {
            path,
            force: self.force,
            dry_run: self.dry_run,
        };
        let put = destination.put(octets, mode)?;
        let name = &self.target.name;
        let document = self.document(path, has_key);
        let path = &document.path;
        let key = if has_key {
            ", with its private key"
        } else {
            ""
        };
        let text = || match put {
            Put::Same => format!("{path} holds `{name}` already"),
            Put::Would => format!("would write `{name}` to {path}{key}"),
            Put::Wrote => format!("wrote `{name}` to {path}{key}"),
        };
        context.ui.result(text, &document)?;
        Ok(Outcome::changed(put != Put::Same))
    }
}
