//! Batches whose CA's key is in a token that takes no cores, and takes its time: beside its own rate.
//!
//! This program stands in for it, as a signer of certctl's own protocol. It signs so many times a second and so many
//! at once, as real ones do: a YubiHSM 2 some ten times a second and one at a time (its makers' table), an HSM in a
//! network thousands of times a second, if some thirty are asked for at once (Thales' advice for its Luna).

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, BufReader},
    os::unix::fs::symlink,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use certctl::{
    pki::{
        key::{KeyType, PrivateKey, Signer as _, SigningKey},
        key_file,
    },
    signer::{
        answer::Refusal,
        request::Algorithm,
        serving::{Keyring, Opened, serve},
    },
};

use crate::{
    measure::{Sandbox, rounds, run, timed},
    rows::Verdict,
};

/// The program's name, where certctl runs it.
pub(crate) const NAME: &str = "certctl-signer-slow";
const COUNT: usize = 10_000;
const ROUNDS: usize = 3;
/// Signatures a second, how many are made at once, and how that is called.
const TOKENS: [(u32, u32, &str); 3] = [
    (1_000, 1, "the token's own: 1,000 a second, one at a time"),
    (1_000, 16, "the token's own: 1,000 a second, 16 at a time"),
    (2_000, 30, "the token's own: 2,000 a second, 30 at a time"),
];

pub(crate) fn batch(sandbox: &Sandbox) -> Vec<Verdict> {
    let home = sandbox.directory();
    symlink(env::current_exe().unwrap(), home.join(NAME)).unwrap();
    let path = format!("PATH={}:{}", home.display(), env::var("PATH").unwrap());
    let row = |(rate, at_once, beside)| {
        let token = Token::new(rate, at_once);
        let [ratio] = rounds(ROUNDS, || {
            let pki = sandbox.fresh().display().to_string();
            let certctl = |words: &[&str]| {
                let program = [&path, env!("CARGO_BIN_EXE_certctl"), "--dir", &pki, "-q"];
                run("env", &[&program, words].concat())
            };
            let key = sandbox.fresh().display().to_string();
            let uri = format!("slow:{rate}:{at_once}:{key}");
            certctl(&["init-ca", "--key-uri", &uri, "--generate"]);
            let ours = certctl(&["issue", &format!("node{{1..{COUNT}}}")]);
            [ours.wall / timed(|| token.sign_all(COUNT)).wall]
        });
        // Nine tenths of its rate
        (beside, 1.11, ratio)
    };
    TOKENS.into_iter().map(row).collect()
}

/// Whether this program is run as the signer.
pub(crate) fn is_called(name: &OsStr) -> bool {
    Path::new(name).file_name() == Some(OsStr::new(NAME))
}

/// Answers certctl.
pub(crate) fn answer() -> ExitCode {
    let tokens = Tokens(Mutex::new(None));
    serve(&tokens, BufReader::new(io::stdin()), io::stdout()).unwrap();
    ExitCode::SUCCESS
}

/// What makes signatures, each in its time.
struct Token {
    each: Duration,
    /// When each of those that sign at once has made its last one
    ends: Mutex<Vec<Instant>>,
}

impl Token {
    fn new(rate: u32, at_once: u32) -> Self {
        Self {
            each: Duration::from_secs(at_once.into()) / rate,
            ends: Mutex::new(vec![Instant::now(); at_once as usize]),
        }
    }

    /// Waits for as long as a signature takes.
    fn work(&self) {
        let end = {
            let mut ends = self.ends.lock().unwrap();
            let next = ends.iter_mut().min().unwrap();
            *next = Instant::now().max(*next) + self.each;
            *next
        };
        thread::sleep(end.saturating_duration_since(Instant::now()));
    }

    /// So many, as fast as it goes.
    fn sign_all(&self, count: usize) {
        let threads = Tokens::THREADS;
        thread::scope(|scope| {
            for index in 0..threads {
                scope.spawn(move || (index..count).step_by(threads).for_each(|_| self.work()));
            }
        });
    }
}

/// The token that is open, and its key.
struct Tokens(Mutex<Option<Arc<(Token, SigningKey)>>>);

impl Tokens {
    fn keep(&self, uri: &str, key: &PrivateKey) -> Opened {
        let [rate, at_once] = [1, 2].map(|part| uri.split(':').nth(part).unwrap());
        let token = Token::new(rate.parse().unwrap(), at_once.parse().unwrap());
        *self.0.lock().unwrap() = Some(Arc::new((token, key.to_signing_key().unwrap())));
        Opened::Key(key.public_key_info())
    }
}

fn file(uri: &str) -> &str {
    uri.splitn(4, ':').last().unwrap()
}

impl Keyring for Tokens {
    type Session<'a> = Arc<(Token, SigningKey)>;

    const THREADS: usize = 32;

    fn open(&self, uri: &str, _: Option<&str>) -> Result<Opened, Refusal> {
        let octets = fs::read(file(uri)).unwrap();
        Ok(self.keep(uri, &key_file::read(&octets, None, None).unwrap()))
    }

    fn generate(&self, uri: &str, _: Option<&str>, key_type: KeyType) -> Result<Opened, Refusal> {
        let key = PrivateKey::generate(key_type).unwrap();
        fs::write(file(uri), &*key.to_pem()).unwrap();
        Ok(self.keep(uri, &key))
    }

    fn session(&self) -> Result<Self::Session<'_>, Refusal> {
        Ok(self.0.lock().unwrap().clone().unwrap())
    }

    fn sign(
        &self,
        session: &mut Self::Session<'_>,
        _: Algorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        session.0.work();
        Ok(session.1.sign(message).unwrap())
    }
}
