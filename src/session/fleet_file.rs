//! Fleet files on disk, with all that they include.

use std::{
    cell::RefCell,
    io,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    Report,
    bounded::{self, Allowance},
    input::STANDARD_INPUT,
};
use crate::{
    fleet::{self, Fleet, Loader},
    pki::authorities::Authorities,
};

/// Reads a fleet file, or standard input where it is called `-`; `standing` are the CAs that it need not make.
pub(crate) fn read(file: &Path, standing: &Authorities) -> Result<Fleet, Report> {
    let files = Files::beside(file);
    let (name, text) = match file.as_os_str() == "-" {
        true => (String::from(STANDARD_INPUT), files.standard_input()),
        false => (file.display().to_string(), files.read(file)),
    };
    let text = text.map_err(|error| {
        let message = format!("cannot read {name}: {error}");
        Report::failed("fleet", message)
    })?;
    fleet::parse(&name, &text, &files, standing)
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
        Self::text(octets)
    }

    /// What it includes lies below the working directory then.
    fn standard_input(&self) -> io::Result<String> {
        let octets = self.allowance.borrow_mut().read_standard_input()?;
        Self::text(octets)
    }

    fn text(octets: Zeroizing<Vec<u8>>) -> io::Result<String> {
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
