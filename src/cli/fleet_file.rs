//! Fleet files on disk, with all that they include.

use std::{
    cell::RefCell,
    io,
    path::{Path, PathBuf},
};

use super::{
    Report,
    bounded::{self, Allowance},
};
use crate::{
    fleet::{self, Fleet, Loader},
    pki::authorities::Authorities,
};

/// Reads a fleet file; `standing` are the CAs that it need not make.
pub(crate) fn read(file: &Path, standing: &Authorities) -> Result<Fleet, Report> {
    let files = Files::beside(file);
    let text = files.read(file).map_err(|error| {
        let message = format!("cannot read {}: {error}", file.display());
        Report::failed("fleet", message)
    })?;
    fleet::parse(&file.display().to_string(), &text, &files, standing)
        .map_err(|mistakes| Report::of_file("fleet", mistakes))
}

/// A fleet file, and beside it those that it includes.
struct Files {
    directory: PathBuf,
    allowance: RefCell<Allowance>,
}

impl Files {
    fn beside(file: &Path) -> Self {
        Self {
            directory: file.parent().map(Path::to_owned).unwrap_or_default(),
            allowance: RefCell::new(Allowance::of(bounded::Kind::Fleet)),
        }
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        let octets = self.allowance.borrow_mut().read(path)?;
        let mut text = bounded::text(octets)?;
        Ok(std::mem::take(&mut *text))
    }
}

impl Loader for Files {
    fn load(&self, path: &str) -> Result<String, String> {
        let text = self.read(&self.directory.join(path));
        text.map_err(|error| error.to_string())
    }
}
