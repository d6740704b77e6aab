//! strace shows the system calls of a command, and makes them fail or kill it.

use std::collections::BTreeMap;
use std::process::Command;
use std::{fmt, fs};

use crate::support::{Certctl, Run, debugged};

/// One system call of a command that changes, opens or locks files.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) name: String,
    /// How many of that name there have been, with this one.
    pub(crate) position: usize,
    /// As strace shows it.
    pub(crate) text: String,
}

impl Call {
    /// Whether what is on disk is after it as it was before.
    fn changes_nothing(&self) -> bool {
        let only_reads = ["O_RDONLY", "O_PATH"].map(|flag| self.text.contains(flag));
        let makes = ["O_CREAT", "O_TRUNC"].map(|flag| self.text.contains(flag));
        self.name == "flock"
            || self.text.contains(" = -1 ")
            || (only_reads.contains(&true) && !makes.contains(&true))
    }
}

/// Those before which the disk is as it is before no earlier one: a kill there leaves what no other does.
pub(crate) fn moments(calls: Vec<Call>) -> Vec<Call> {
    let mut is_new = true;
    let mut moments = Vec::new();
    for call in calls {
        let changes = !call.changes_nothing();
        if is_new {
            moments.push(call);
        }
        is_new = changes;
    }
    moments
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} number {}: {}",
            self.name, self.position, self.text
        )
    }
}

/// The system calls of a command when nothing disturbs it; `also` is what strace injects all the same.
pub(crate) fn calls(certctl: &Certctl, command: &[&str], also: &[&str]) -> Vec<Call> {
    /// `?` where not every machine has it.
    const TRACE: &str = "-etrace=?open,openat,?openat2,?creat,write,writev,pwrite64,?pwritev,?pwritev2,fsync,\
        fdatasync,syncfs,?rename,?renameat,renameat2,?mkdir,mkdirat,?unlink,unlinkat,?rmdir,truncate,\
        ftruncate,fallocate,?chmod,fchmod,fchmodat,?chown,fchown,fchownat,?link,linkat,?symlink,symlinkat,\
        flock";
    let log = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let to = format!("-o{}", log.path().display());
    let traced = &mut traced(
        &certctl.command(command),
        &[&["-y", TRACE, &to], also].concat(),
    );
    let run = Run::of(traced);
    assert!(run.status.is_some(), "{command:?}: {}", run.stderr);
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls = Vec::new();
    for line in fs::read_to_string(log.path())
        .expect("strace wrote its log")
        .lines()
    {
        // `12345 openat(AT_FDCWD</home>, "pki", …) = 3</home/pki>`
        let text = line
            .split_once(' ')
            .map_or(line, |(_, text)| text.trim_start())
            .to_owned();
        if let Some((name, _)) = text.split_once('(') {
            let position = positions.entry(name.to_owned()).or_default();
            *position += 1;
            calls.push(Call {
                name: name.to_owned(),
                position: *position,
                text,
            });
        }
    }
    calls
}

/// A command line under strace.
pub(crate) fn traced(command: &Command, arguments: &[&str]) -> Command {
    debugged("strace", &[&["-f", "-qq"], arguments].concat(), command)
}
