//! Options that stand for several files: a folder, a list, a name with several endings.

use std::path::{Path, PathBuf};

use super::look::Reach;
use crate::{
    emit::{Named, Reading, Target},
    store::files,
};

/// How many files one option may stand for.
const MAX_FILES: usize = 1_000;

/// Which of an endpoint's files.
const CERTIFICATE: usize = 0;
const CLIENTS: usize = 3;

/// One of the files that an option stands for: how it is called there, and what that leads to.
type Spread = (String, Target);

/// Has each file that an option stands for take the place of the option.
pub fn spread(reading: &mut Reading<'_>) {
    for index in [CERTIFICATE, CLIENTS] {
        for mut named in std::mem::take(&mut reading.endpoints) {
            let files = match index {
                CERTIFICATE => certificates(&named, reading),
                _ => hashed(&named),
            };
            match files {
                None => reading.endpoints.push(named),
                Some(files) if files.is_empty() => {
                    (named.is_empty, named.targets[index]) = (true, Target::Absent);
                    reading.endpoints.push(named);
                }
                Some(files) => {
                    let all = files.into_iter().map(|spread| one(&named, index, spread));
                    reading.endpoints.extend(all);
                }
            }
        }
    }
}

fn there(path: PathBuf) -> Spread {
    (path.display().to_string(), Target::File(path))
}

fn one<'a>(named: &Named<'a>, index: usize, (value, target): Spread) -> Named<'a> {
    let mut one = named.clone();
    let option = match index {
        CERTIFICATE => &mut one.certificate,
        _ => &mut one.clients,
    };
    if let Some(option) = option {
        option.value = value;
    }
    one.targets[index] = target;
    one
}

/// The certificates that an option stands for; `None` where it names one file.
fn certificates(named: &Named<'_>, reading: &Reading<'_>) -> Option<Vec<Spread>> {
    let (option, path) = (
        named.certificate.as_ref()?,
        named.targets[CERTIFICATE].path()?,
    );
    if named.endpoint.is_list(option) {
        return listed(named, path, reading);
    }
    if named.endpoint.folder && path.is_dir() {
        let inside = Reach::Anywhere.names_in(path).unwrap_or_default();
        let inside = inside.into_iter().filter(|name| is_certificate(name));
        let files = inside
            .map(|name| path.join(name))
            .filter(|file| file.is_file());
        return Some(files.take(MAX_FILES).map(there).collect());
    }
    let ends = named.endpoint.endings.iter();
    let ends = ends.map(|ending| PathBuf::from(format!("{}{ending}", path.display())));
    let ends: Vec<_> = ends.filter(|file| file.is_file()).map(there).collect();
    (!path.exists() && !ends.is_empty()).then_some(ends)
}

/// What lies beside a certificate is read with it.
fn is_certificate(name: &str) -> bool {
    let beside = [".dh", ".issuer", ".key", ".ocsp", ".sctl"];
    !name.starts_with('.') && !beside.iter().any(|ending| name.ends_with(ending))
}

/// The first words of the lines of a list; what is relative begins where those of certificates do.
fn listed(named: &Named<'_>, list: &Path, reading: &Reading<'_>) -> Option<Vec<Spread>> {
    let octets = files::read(list).ok()?;
    let text = String::from_utf8_lossy(&octets).into_owned();
    let paths = &reading.server.manifest.paths;
    let base = named.base.as_deref();
    let lines = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    let lines = lines.filter(|first| !first.starts_with('#'));
    let called = |first: &str| match paths.target(first, base) {
        Target::File(path) => there(path),
        other => (first.to_owned(), other),
    };
    let files = lines.map(called);
    Some(files.take(MAX_FILES).collect())
}

/// The files of a folder that bear the hash of a name; `None` where the option names no such folder.
fn hashed(named: &Named<'_>) -> Option<Vec<Spread>> {
    let (option, path) = (named.clients.as_ref()?, named.targets[CLIENTS].path()?);
    let mut hashed = named.endpoint.hashed.iter();
    if !hashed.any(|name| *name.get_ref() == option.name) || !path.is_dir() {
        return None;
    }
    // HAProxy's option is for files and folders, and there their endings count.
    let clients = named.endpoint.clients.as_ref();
    let is_both = clients.is_some_and(|name| *name.get_ref() == option.name);
    let endings = [".cer", ".crt", ".pem"];
    let is_named = |name: &str| is_both && endings.iter().any(|ending| name.ends_with(ending));
    let inside = Reach::Anywhere.names_in(path).ok()?;
    let inside = inside
        .into_iter()
        .filter(|name| is_hash(name) || is_named(name));
    let files = inside.map(|name| there(path.join(name)));
    Some(files.take(MAX_FILES).collect())
}

/// Eight hexadecimal digits, a dot and a number, as `openssl rehash` has it.
fn is_hash(name: &str) -> bool {
    let Some((hash, number)) = name.split_once('.') else {
        return false;
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}
