//! A database that answers what no PostgreSQL does: it is told, nothing is believed, and nothing is left.

use std::{
    fs,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

use tempfile::TempDir;

use crate::{
    database::{Database, Machine},
    killing::nothing_blocks,
    support::Certctl,
};

/// Changes a message of the server: its type, and what stands behind its length.
type Harm = fn(u8, Vec<u8>) -> Vec<u8>;

const ROW: u8 = b'D';
const COLUMNS: u8 = b'T';

/// What is done to messages of which type.
const HARMS: [(&str, u8, Harm); 12] = [
    ("NULLs alone", ROW, |tag, body| {
        let nulls: Vec<u8> = count(&body).flat_map(|_| [0xff; 4]).collect();
        message(tag, &[&body[..2], &nulls].concat())
    }),
    ("no columns", ROW, |tag, _| message(tag, &[0, 0])),
    ("more columns than it holds", ROW, |tag, mut body| {
        body[0] = 0x7f;
        message(tag, &body)
    }),
    ("values longer than it is", ROW, |tag, mut body| {
        body[2] = 0x7f;
        message(tag, &body)
    }),
    ("values of three octets", ROW, |tag, body| {
        let values: Vec<u8> = count(&body)
            .flat_map(|_| [0, 0, 0, 3, 0xff, 0xfe, 0xfd])
            .collect();
        message(tag, &[&body[..2], &values].concat())
    }),
    ("values of eight octets", ROW, |tag, body| {
        let values: Vec<u8> = count(&body)
            .flat_map(|_| [0, 0, 0, 8, 0x7f, 1, 2, 3, 4, 5, 6, 7])
            .collect();
        message(tag, &[&body[..2], &values].concat())
    }),
    ("values of millions of octets", ROW, |tag, body| {
        let mut long = body[..2].to_vec();
        for _ in count(&body) {
            long.extend((1_u32 << 22).to_be_bytes());
            long.resize(long.len() + (1 << 22), b'x');
        }
        message(tag, &long)
    }),
    ("a thousand times", ROW, |tag, body| {
        message(tag, &body).repeat(1_000)
    }),
    ("never", ROW, |_, _| Vec::new()),
    ("columns of other types", COLUMNS, |tag, body| {
        // That of numbers becomes that of truths, and the other way round.
        let swapped = |it: &[u8]| match it {
            [0, 0, 0, 20, 0, 8] => [0, 0, 0, 16, 0, 1].to_vec(),
            [0, 0, 0, 25, 0xff, 0xff] => [0, 0, 0, 20, 0, 8].to_vec(),
            other => other.to_vec(),
        };
        let mut changed = body;
        for at in 0..changed.len().saturating_sub(6) {
            let other = swapped(&changed[at..at + 6]);
            changed[at..at + 6].copy_from_slice(&other);
        }
        message(tag, &changed)
    }),
    ("words for a terminal", ROW, |_, _| {
        message(
            b'E',
            b"SERROR\0VERROR\0CXX000\0M\x1b]0;evil\x07\x1b[2Jno\0\0",
        )
    }),
    ("no message", ROW, |_, _| vec![b'D', 0, 0, 0, 1, 0xde, 0xad]),
];

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("it is short");
    [&[tag][..], &length.to_be_bytes(), body].concat()
}

/// As many as a row has columns.
fn count(body: &[u8]) -> std::ops::Range<u16> {
    0..u16::from_be_bytes([body[0], body[1]])
}

/// What is changed: of the messages of this type the one that comes after so many.
type Wish = Option<(u8, usize, Harm)>;

/// A socket behind which the database is, and somebody in between.
struct Between {
    home: TempDir,
    wish: Arc<Mutex<Wish>>,
}

impl Between {
    fn of(database: &Database) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        let target = socket(database.home.path(), database.port);
        let listener = UnixListener::bind(socket(home.path(), 5432)).expect("it is short");
        let wish = Arc::new(Mutex::new(None));
        let wished = Arc::clone(&wish);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = UnixStream::connect(&target) else {
                    continue;
                };
                let ends = (near.try_clone(), far.try_clone());
                let (Ok(mut from_near), Ok(mut to_far)) = ends else {
                    continue;
                };
                thread::spawn(move || {
                    let _ = io::copy(&mut from_near, &mut to_far);
                    let _ = to_far.shutdown(Shutdown::Both);
                });
                let wished = Arc::clone(&wished);
                thread::spawn(move || {
                    let _ = pass(&far, &near, &wished);
                    let _ = near.shutdown(Shutdown::Both);
                    let _ = far.shutdown(Shutdown::Both);
                });
            }
        });
        Self { home, wish }
    }

    fn url(&self) -> String {
        format!(
            "postgres:///pki?host={}&user=postgres",
            self.home.path().display()
        )
    }

    /// Has one message be changed, on the connection that comes to it first; says whether the last one was.
    fn set(&self, wish: Wish) -> bool {
        let mut held = self.wish.lock().expect("no thread panics");
        std::mem::replace(&mut *held, wish).is_none()
    }
}

fn socket(directory: &Path, port: u16) -> PathBuf {
    directory.join(format!(".s.PGSQL.{port}"))
}

/// Passes on what the database says, but for what is changed.
fn pass(mut from: &UnixStream, mut to: &UnixStream, wish: &Mutex<Wish>) -> io::Result<()> {
    loop {
        let mut head = [0; 5];
        from.read_exact(&mut head)?;
        let [tag, length @ ..] = head;
        let length = u32::from_be_bytes(length) as usize;
        let mut body = vec![0; length - 4];
        from.read_exact(&mut body)?;
        let harm = {
            let mut wish = wish.lock().expect("no thread panics");
            match &mut *wish {
                Some((wanted, 0, harm)) if *wanted == tag => {
                    let harm = *harm;
                    *wish = None;
                    Some(harm)
                }
                Some((wanted, left, _)) if *wanted == tag => {
                    *left -= 1;
                    None
                }
                _ => None,
            }
        };
        let passed = match harm {
            Some(harm) => harm(tag, body),
            None => message(tag, &body),
        };
        to.write_all(&passed)?;
    }
}

#[test]
fn whatever_is_answered_is_told_or_overcome() {
    let database = Database::new();
    let between = Between::of(&database);
    let machine = Machine::new(Certctl::in_memory(), between.url());
    machine.done("init-ca --ledger URL");
    machine.done("issue n0");
    let (mut names, mut told) = (0, 0);
    for (index, (what, tag, harm)) in HARMS.into_iter().enumerate() {
        // One message in each run: all of the first eight of a kind, by one harm or another.
        for position in [index % 4, 4 + index % 4] {
            names += 1;
            let line = format!("issue n{names}");
            between.set(Some((tag, position, harm)));
            let run = machine.run(&line);
            let is_met = between.set(None);
            let case = format!("{what}, {position}: {run:#?}");
            // Its own words may say that a row is wrong; no word of it does anything to a terminal.
            let is_strange = |it: char| it.is_control() && it != '\n';
            assert!(matches!(run.status, Some(0 | 1 | 3 | 4)), "{case}");
            assert!(!run.stderr.contains("panicked"), "{case}");
            assert!(!run.stderr.chars().any(is_strange), "{case}");
            assert!(run.stderr.len() < 10_000, "{case}");
            let is_done = run.status == Some(0);
            told += usize::from(is_met && !is_done);
            assert!(is_done || run.stderr.contains("error: "), "{case}");
            // The database is what it was: the name is whole, or free.
            let again = machine.run(&line);
            let expected = if is_done { 4 } else { 0 };
            let of_before = again.status == Some(4) && !is_done;
            assert!(
                again.status == Some(expected) || of_before,
                "{case} {again:#?}"
            );
            assert_eq!(machine.on_disk().len(), names + 1, "{case}");
        }
    }
    assert!(told > HARMS.len() / 2, "only {told} were told");
    nothing_blocks(&database);
    machine.is_well();
    let home = fs::read_dir(machine.certctl.home()).expect("it is there");
    assert_eq!(home.count(), 1, "something was written elsewhere");
}
