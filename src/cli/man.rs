//! `certctl man`: the manual, printed or written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{ArgGroup, Args, builder::PossibleValuesParser};

use super::{
    Context, Report, Run, definition,
    placed::{Placed, place},
    report::Outcome,
};
use crate::{
    documents::man::Document,
    emit::shell_word,
    host::places::Places,
    manual::{Page, pages, schemas},
};

/// Print the manual page, or write all pages
///
/// Each command has a page of its own, such as certctl-issue(1). Without --out the page of certctl
/// itself is printed, for `man -l -` to show. --install puts the pages where man looks for your own, each
/// into the folder of its section.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("written").multiple(true), after_help = "Examples:\n  \
    certctl man | man -l -\n  \
    certctl man --install\n  \
    certctl man --install --out /usr/local/share/man\n  \
    certctl man --json-schema check")]
pub(crate) struct ManPages {
    /// Directory to write all pages to; with --install, the one that has a folder for each section
    #[arg(long, value_name = "DIR", group = "written")]
    out: Option<PathBuf>,
    /// Write all pages to the folders of their sections [default: below ~/.local/share/man]
    #[arg(long, group = "written")]
    install: bool,
    /// Replace pages that differ
    #[arg(short, long, requires = "install")]
    force: bool,
    /// Print the JSON Schema of a document that --json prints
    #[arg(long, value_name = "NAME", hide_possible_values = true, conflicts_with = "written", value_parser = PossibleValuesParser::new(schemas::all().iter().map(|schema| schema.name)))]
    json_schema: Option<String>,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = "written")]
    dry_run: bool,
}

impl Run for ManPages {
    fn run(self, context: &mut Context) -> Result<Outcome, Report> {
        if let Some(name) = self.json_schema {
            let schema = schemas::all()
                .into_iter()
                .find(|schema| schema.name == name);
            context.ui.print(schema.map_or("", |schema| schema.text))?;
            return Ok(Outcome::Unchanged);
        }
        let mut pages = pages(&definition());
        if self.install {
            return self.install(context, pages);
        }
        let Some(directory) = self.out else {
            pages.truncate(1);
            let text = pages[0].text.clone();
            print(context, || text, pages)?;
            return Ok(Outcome::Unchanged);
        };
        let failed = |error| {
            let message = format!("cannot write to {}: {error}", directory.display());
            Report::failed("io", message)
        };
        if !self.dry_run {
            fs::create_dir_all(&directory).map_err(failed)?;
            for page in &pages {
                fs::write(directory.join(&page.file), &page.text).map_err(failed)?;
            }
        }
        let verb = if self.dry_run { "would write" } else { "wrote" };
        let text = format!("{verb} {} pages to {}", pages.len(), directory.display());
        print(context, || text, pages)?;
        Ok(Outcome::Changed)
    }
}

impl ManPages {
    fn install(self, context: &Context, pages: Vec<Page>) -> Result<Outcome, Report> {
        let places = Places::of_the_user();
        let usual = || Some(places.data()?.join("man"));
        let directory = self.out.or_else(usual).ok_or_else(|| {
            Report::failed(
                "io",
                "there is no home directory: the variable HOME is not set",
            )
            .hint("name a directory with `--out`")
        })?;
        let place_of = |page: &Page| {
            let section = Path::new(&page.file).extension().unwrap_or_default();
            let folder = format!("man{}", section.display());
            directory.join(folder).join(&page.file)
        };
        let files = pages.iter().map(|page| Placed {
            path: place_of(page),
            text: &page.text,
        });
        let files: Vec<_> = files.collect();
        let written = place(&files, self.force, self.dry_run)?;
        let shown = directory.display();
        let text = match (written, self.dry_run) {
            (0, _) => format!("all {} pages are in {shown} already", pages.len()),
            (_, true) => format!("would write {written} pages to {shown}"),
            (_, false) => format!("wrote {written} pages to {shown}"),
        };
        print(context, || text, pages)?;
        let is_quiet = self.dry_run || context.ui.is_json();
        if written > 0 && !is_quiet && !places.is_for_man(&directory) {
            let quoted = shell_word(&directory.display().to_string());
            context
                .ui
                .hint(format!("man looks elsewhere: `man -M {quoted} certctl`"));
        }
        Ok(Outcome::changed(written > 0))
    }
}

fn print(context: &Context, text: impl FnOnce() -> String, pages: Vec<Page>) -> Result<(), Report> {
    let schema = "certctl/man/v1";
    context.ui.result(text, &Document { schema, pages })
}
