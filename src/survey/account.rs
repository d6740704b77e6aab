//! Looks up as whom a server runs, and the way to each file that it is to read.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::included;
use crate::{
    check::access::{Account, Step, Way},
    emit::{Reading, Target},
};

/// The attribute that Linux keeps an access control list in.
const LIST: &str = "system.posix_acl_access";

/// The user of this machine that the server will be; `None` where that is not known, or nobody here.
#[must_use]
pub fn account(reading: &Reading<'_>) -> Option<Account> {
    let runs_as = reading.runs_as.as_ref()?;
    let by_root = || {
        let main = reading.files.first();
        main.is_some_and(|main| fs::metadata(main).is_ok_and(|it| it.uid() == 0))
    };
    if runs_as.if_root && !by_root() {
        return None;
    }
    let text = |path| {
        let octets = included::octets(Path::new(path)).ok();
        octets.map(|it| String::from_utf8_lossy(&it).into_owned())
    };
    let users = text("/etc/passwd").unwrap_or_default();
    let groups = text("/etc/group").unwrap_or_default();
    find(&runs_as.user, &runs_as.groups, &users, &groups)
}

/// The way to each file that is named, in their order; empty where nobody sees it.
#[must_use]
pub fn ways(reading: &Reading<'_>) -> Vec<Way> {
    let way = |(_, target): (_, &Target)| target.path().and_then(way).unwrap_or_default();
    reading.leads().map(way).collect()
}

fn way(path: &Path) -> Option<Way> {
    let real = fs::canonicalize(path).ok()?;
    let mut all: Vec<PathBuf> = real.ancestors().map(Path::to_owned).collect();
    all.reverse();
    let step = |path: PathBuf| {
        let found = fs::metadata(&path).ok()?;
        let list = rustix::fs::getxattr(&path, LIST, &mut [0_u8; 0]);
        Some(Step {
            is_directory: found.is_dir(),
            mode: found.mode() & 0o7777,
            owner: found.uid(),
            group: found.gid(),
            has_list: list.is_ok_and(|length| length > 0),
            path,
        })
    };
    all.into_iter().map(step).collect()
}

/// Finds a user by name or number, with all groups (passwd(5), group(5)). A number need be no account's.
fn find(user: &str, more: &[String], users: &str, groups: &str) -> Option<Account> {
    let rows = |text: &str| -> Vec<Vec<String>> {
        let rows = text.lines().map(|row| row.split(':').map(str::to_owned));
        rows.map(Iterator::collect).collect()
    };
    let is_named =
        |row: &Vec<String>, name: &str| row[0] == name || row.get(2).is_some_and(|it| it == name);
    let number = |row: &Vec<String>| row.get(2)?.parse::<u32>().ok();
    let users = rows(users);
    let row = users.iter().find(|row| is_named(row, user));
    let id = row.and_then(number).or_else(|| user.parse().ok())?;
    let name = row.map_or(user, |row| &row[0]);
    let first = row.and_then(|row| row.get(3)?.parse::<u32>().ok());
    let groups = rows(groups);
    let is_member = |row: &&Vec<String>| {
        let members = row.get(3).map(String::as_str).unwrap_or_default();
        members.split(',').any(|member| member == name)
            || more.iter().any(|group| is_named(row, group))
    };
    let members = groups.iter().filter(is_member).filter_map(number);
    let numbers = more.iter().filter_map(|group| group.parse().ok());
    Some(Account {
        name: name.to_owned(),
        user: id,
        groups: first.into_iter().chain(members).chain(numbers).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_their_groups() {
        let users = "root:x:0:0::/:/bin/sh\nshort\ndb:x:107:110:,,,:/srv:/bin/false\n";
        let groups = "root:x:0:\ndb:x:110:\nkeys:x:115:other,db\nlog:x:4:other\nshort\n";
        let more = [String::from("log"), String::from("900")];
        for (user, more, expected) in [
            ("db", &more[..0], Some(("db", 107, vec![110, 115]))),
            ("107", &more[..0], Some(("db", 107, vec![110, 115]))),
            ("db", &more[..], Some(("db", 107, vec![110, 115, 4, 900]))),
            ("1883", &more[1..], Some(("1883", 1883, vec![900]))),
            ("nobody-here", &more[..0], None),
        ] {
            let found = find(user, more, users, groups);
            let expected = expected.map(|(name, user, groups)| Account {
                name: name.to_owned(),
                user,
                groups,
            });
            assert_eq!(found, expected, "{user}");
        }
    }
}
