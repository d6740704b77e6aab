//! `certctl man`: the manual, printed or written.

use std::{fs, path::PathBuf};

use clap::{Args, builder::PossibleValuesParser};
use serde::Serialize;

use super::{Context, Report, Run, definition, report::Outcome};
use crate::manual::{Page, pages, schemas};

/// Print the manual page, or write all pages
///
/// Each command has a page of its own, such as certctl-issue(1). Without --out the page of certctl
/// itself is printed, for `man -l -` to show.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    certctl man | man -l -\n  \
    certctl man --out ~/.local/share/man/man1\n  \
    certctl man --json-schema check")]
pub(crate) struct ManPages {
    /// Directory to write all pages to
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the JSON Schema of a document that --json prints
    #[arg(long, value_name = "NAME", hide_possible_values = true, conflicts_with = "out", value_parser = PossibleValuesParser::new(schemas::all().iter().map(|schema| schema.name)))]
    json_schema: Option<String>,
    /// Say what would be written, and write nothing
    #[arg(short = 'n', long, requires = "out")]
    dry_run: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Document {
    schema: &'static str,
    /// The pages of the manual
    pages: Vec<Page>,
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

fn print(context: &Context, text: impl FnOnce() -> String, pages: Vec<Page>) -> Result<(), Report> {
    let schema = "certctl/man/v1";
    context.ui.result(text, &Document { schema, pages })
}
