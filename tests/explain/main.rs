//! What programs say when TLS fails, provoked for real: `explain` knows it, and who refused whom.
//!
//! `cases.rs` has what is wrong, `stacks.rs` the TLS libraries, `products.rs` the servers; each is set up wrong on
//! purpose and talks with OpenSSL. What each said lies in target/tmp/explain afterwards.

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod material;
mod postgresql;
mod products;
mod rustls;
mod scene;
mod stacks;

use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use certctl::{
    emit::Catalogue,
    messages::{Direction, Messages, Proof, Reader},
};
use material::Material;
use scene::Heard;

/// Programs that run at once; they wait more than they work.
const THREADS: usize = 6;

/// How often everything is run, at most.
const ROUNDS: usize = 3;

/// Programs that say nothing of it, or nothing that is about TLS.
const SILENT: &[(&str, &str)] = &[
    // They do not look whether key and certificate belong together.
    ("java client", "mismatch"),
    ("java server", "mismatch"),
    ("erlang client", "mismatch"),
    // It takes a certificate that is absent for none.
    ("erlang client", "no-certificate"),
    ("gnutls client", "mismatch"),
    // It takes any client's certificate below its roots.
    ("gnutls server", "client with a server's purpose"),
    // It takes the key from wherever it stands.
    ("haproxy", "swapped"),
    // What the operating system says of a file without naming it.
    ("python client", "absent"),
    ("python client", "no-certificate"),
    ("python server", "absent"),
    ("python server", "no-certificate"),
    ("rustls client", "absent"),
    ("rustls client", "no-certificate"),
    ("rustls server", "absent"),
    ("rustls server", "no-certificate"),
];

#[test]
fn what_programs_say_is_explained() {
    let book = Messages::of(&Catalogue::embedded()).expect("sound");
    let mut seen = BTreeSet::new();
    let mut last = (Vec::new(), Vec::new());
    // Which of two ends reads why it was refused before it is cut off is the network's affair, and how long a program
    // takes is the machine's: what all of some rounds show is so.
    for _ in 0..ROUNDS {
        // A wrong passphrase gives a key that looks like one once in 256 times.
        let wrong = wrong(&book, &heard(&Material::new()), &mut seen);
        let unsaid = book
            .all()
            .enumerate()
            .filter(|(number, message)| message.proof == Proof::Seen && !seen.contains(number));
        let unsaid = unsaid.map(|(_, message)| format!("{}: {}", message.stack, message.says));
        last = (wrong, unsaid.collect::<Vec<_>>());
        if last.0.is_empty() && last.1.is_empty() {
            return;
        }
    }
    let (wrong, unsaid) = last;
    panic!(
        "explained wrongly:\n{}\n\nsaid by nobody:\n{}",
        wrong.join("\n"),
        unsaid.join("\n")
    );
}

/// What is explained wrongly; the messages that were seen are added to `seen`.
fn wrong(book: &Messages, heard: &[Heard], seen: &mut BTreeSet<usize>) -> Vec<String> {
    let mut wrong = Vec::new();
    for it in heard {
        let mut reader = Reader::new(book);
        it.text
            .lines()
            .for_each(|line| reader.line(line.as_bytes()));
        let found: Vec<_> = reader.sightings().iter().map(|it| it.message).collect();
        seen.extend(found.iter().copied());
        let directed = |number: &&usize| book.message(**number).direction != Direction::Untold;
        let directions: BTreeSet<_> = found
            .iter()
            .filter(directed)
            .map(|&number| book.message(number).direction)
            .collect();
        let is_silent = SILENT.contains(&(it.program, it.case));
        // Whoever is refused may be cut off before it has read why; what it says when not, `seen` demands.
        let is_refused = it.expected == [Direction::PeerRefused];
        let is_known = !found.is_empty() || is_silent || is_refused;
        if !is_known
            || directions
                .iter()
                .any(|direction| *direction != Direction::Own && !it.expected.contains(direction))
        {
            let says: Vec<_> = found
                .iter()
                .map(|&number| &*book.message(number).says)
                .collect();
            wrong.push(format!(
                "{} ({}): {:?}, expected {:?}: {says:?}\n{}",
                it.program, it.case, directions, it.expected, it.text
            ));
        }
    }
    wrong
}

/// Runs everything, and keeps what was said for who adds a message.
fn heard(material: &Material) -> Vec<Heard> {
    let jobs = cases::jobs();
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let heard = job.run(material);
                    all.lock().expect("no test fails in here").extend(heard);
                }
            });
        }
    });
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("explain");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target directory can be written");
    let all = all.into_inner().expect("no test fails in here");
    for it in &all {
        let name = format!("{}, {}, {}.txt", it.program, it.case, it.with);
        fs::write(folder.join(name), &it.text).expect("the target directory can be written");
    }
    all
}
