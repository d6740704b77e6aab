//! The side of the program that has the key: reads requests, answers them, several at once where it can.

use std::{
    io::{self, BufRead, Write},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, channel},
    },
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{
    VERSION,
    answer::{Answer, Kind, Refusal, Said},
    request::{Algorithm, Asked, Named, Request},
};
use crate::pki::{
    key::{KeyError, KeyType},
    octets::Spki,
};

/// What has keys: a token, an agent.
pub trait Keyring: Sync {
    /// What makes one signature after the other.
    type Session<'a>: Send
    where
        Self: 'a;

    /// So many threads sign at once, as far as there are sessions for them.
    const THREADS: usize;

    /// Finds a key, where it needs a PIN with that.
    ///
    /// # Errors
    ///
    /// Where there is none, or several.
    fn open(&self, key: &str, pin: Option<&str>) -> Result<Opened, Refusal>;

    /// Makes a key.
    ///
    /// # Errors
    ///
    /// Where it cannot, or there is one.
    fn generate(&self, key: &str, pin: Option<&str>, key_type: KeyType) -> Result<Opened, Refusal>;

    /// Begins another session.
    ///
    /// # Errors
    ///
    /// Where that fails, such as for want of an open key.
    fn session(&self) -> Result<Self::Session<'_>, Refusal>;

    /// Signs a message with the key that was opened last.
    ///
    /// # Errors
    ///
    /// Where it cannot.
    fn sign(
        &self,
        session: &mut Self::Session<'_>,
        algorithm: Algorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, Refusal>;
}

/// What came of opening a key.
#[derive(Debug)]
pub enum Opened {
    /// Its public half
    Key(Spki),
    /// Nothing, before there is the PIN of this
    PinOf(String),
}

impl From<Opened> for Said {
    fn from(opened: Opened) -> Self {
        match opened {
            Opened::Key(info) => Self::PublicKey(info.into_octets()),
            Opened::PinOf(what) => Self::PinOf(what),
        }
    }
}

/// A message that waits for its signature.
struct Waiting {
    id: u64,
    algorithm: Algorithm,
    message: Vec<u8>,
}

/// Answers until nobody asks any more.
///
/// # Errors
///
/// Where the lines cannot be read or written, or are no requests.
pub fn serve(
    keyring: &impl Keyring,
    mut input: impl BufRead,
    output: impl Write + Send,
) -> io::Result<()> {
    let output = Mutex::new(output);
    let (to_sign, waiting) = channel();
    let waiting = Mutex::new(waiting);
    let sessions = Sessions::of(keyring);
    thread::scope(|scope| {
        let threads =
            (0..threads(keyring)).map(|_| scope.spawn(|| sign(&sessions, &waiting, &output)));
        let threads: Vec<_> = threads.collect();
        let mut line = Zeroizing::new(Vec::new());
        let read = loop {
            line.clear();
            match input.read_until(b'\n', &mut line) {
                Ok(0) => break Ok(()),
                Err(error) => break Err(error),
                Ok(_) => {}
            }
            let Ok(request) = serde_json::from_slice::<Request<'_>>(&line) else {
                break Err(io::Error::other(
                    "a line is no request of the signer protocol",
                ));
            };
            let id = request.id;
            let said = match request.asked {
                Asked::Open(named) => opened(&named, |pin| keyring.open(&named.key, pin)),
                Asked::Generate { named, key_type } => opened(&named, |pin| {
                    let key_type: Result<_, KeyError> = key_type.parse();
                    let unknown = |error: KeyError| Refusal::new(Kind::Unable, error.to_string());
                    let key_type = key_type.map_err(unknown)?;
                    keyring.generate(&named.key, pin, key_type)
                }),
                Asked::Sign { algorithm, message } => match STANDARD.decode(&*message) {
                    Ok(message) => {
                        let waiting = Waiting {
                            id,
                            algorithm,
                            message,
                        };
                        // They end after this thread.
                        let _ = to_sign.send(waiting);
                        continue;
                    }
                    Err(_) => Said::Refused(Refusal::new(None, "the message is no base64")),
                },
            };
            if let Err(error) = write(&output, id, said) {
                break Err(error);
            }
        };
        drop(to_sign);
        let written = threads.into_iter().map(|thread| {
            let panicked = |_| Err(io::Error::other("a thread that signs has failed"));
            thread.join().unwrap_or_else(panicked)
        });
        written.chain([read]).collect()
    })
}

fn threads<K: Keyring>(_: &K) -> usize {
    K::THREADS
}

fn opened(named: &Named<'_>, open: impl FnOnce(Option<&str>) -> Result<Opened, Refusal>) -> Said {
    if named.version != VERSION {
        let message = format!(
            "version {} of the signer protocol is not spoken here",
            named.version
        );
        return Said::Refused(Refusal::new(None, message));
    }
    open(named.pin.as_deref()).map_or_else(Said::Refused, Said::from)
}

/// One thread: signs what waits, until no more comes.
fn sign<K: Keyring>(
    sessions: &Sessions<'_, K>,
    waiting: &Mutex<Receiver<Waiting>>,
    output: &Mutex<impl Write>,
) -> io::Result<()> {
    loop {
        let next = held(waiting).recv();
        let Ok(next) = next else { return Ok(()) };
        let signed = sessions.sign(&next);
        let said = signed.map_or_else(Said::Refused, Said::Signature);
        write(output, next.id, said)?;
    }
}

/// The sessions that were begun: as many as threads sign at once, or fewer, where what has the key gives no more.
struct Sessions<'k, K: Keyring> {
    keyring: &'k K,
    pool: Mutex<Pool<K::Session<'k>>>,
    freed: Condvar,
}

/// Sessions in which nobody signs, and how many there are of all.
struct Pool<Session> {
    free: Vec<Session>,
    begun: usize,
}

impl<'k, K: Keyring> Sessions<'k, K> {
    fn of(keyring: &'k K) -> Self {
        let (free, begun) = (Vec::new(), 0);
        Self {
            keyring,
            pool: Mutex::new(Pool { free, begun }),
            freed: Condvar::new(),
        }
    }

    fn sign(&self, waiting: &Waiting) -> Result<Vec<u8>, Refusal> {
        let mut session = self.take()?;
        let (algorithm, message) = (waiting.algorithm, &waiting.message);
        let signed = self.keyring.sign(&mut session, algorithm, message);
        held(&self.pool).free.push(session);
        self.freed.notify_one();
        signed
    }

    /// A session for this thread alone: one that is free, another, or, where no other is to be had, the next that becomes
    /// free.
    fn take(&self) -> Result<K::Session<'k>, Refusal> {
        let mut pool = held(&self.pool);
        if let Some(session) = pool.free.pop() {
            return Ok(session);
        }
        pool.begun += 1;
        drop(pool);
        let refusal = match self.keyring.session() {
            Ok(session) => return Ok(session),
            Err(refusal) => refusal,
        };
        let mut pool = held(&self.pool);
        pool.begun -= 1;
        // Nobody waits for one that never comes.
        self.freed.notify_all();
        loop {
            match pool.free.pop() {
                Some(session) => return Ok(session),
                None if pool.begun == 0 => return Err(refusal),
                None => {
                    let woken = self.freed.wait(pool);
                    pool = woken.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(output: &Mutex<impl Write>, id: u64, said: Said) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Answer::new(id, said))?;
    line.push(b'\n');
    let mut output = held(output);
    output.write_all(&line)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::pki::key::{PrivateKey, Signer as _, SigningKey};

    /// One key, which has a PIN, and so many sessions.
    struct One(SigningKey, AtomicUsize);

    impl Keyring for One {
        type Session<'a> = ();
        const THREADS: usize = 8;

        fn open(&self, key: &str, pin: Option<&str>) -> Result<Opened, Refusal> {
            let info = self.0.key_type().public_key_info(self.0.public_key());
            match (key, pin) {
                ("one:", None) => Ok(Opened::PinOf(String::from("it"))),
                ("one:", Some("1234")) => Ok(Opened::Key(info)),
                ("one:", Some(_)) => Err(Refusal::new(Kind::Pin, "the PIN is wrong")),
                _ => Err(Refusal::new(Kind::NoKey, "there is none").hint("make one")),
            }
        }

        fn generate(&self, _: &str, _: Option<&str>, _: KeyType) -> Result<Opened, Refusal> {
            Err(Refusal::new(Kind::Exists, "there is one"))
        }

        fn session(&self) -> Result<(), Refusal> {
            let one_less = |left: usize| left.checked_sub(1);
            let taken = self
                .1
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
            let none = |_| Refusal::new(None, "there are no more sessions");
            taken.map(drop).map_err(none)
        }

        fn sign(&self, (): &mut (), _: Algorithm, message: &[u8]) -> Result<Vec<u8>, Refusal> {
            Ok(message.to_vec())
        }
    }

    fn spoken(lines: &str) -> (Vec<String>, io::Result<()>) {
        spoken_with(usize::MAX, lines)
    }

    fn spoken_with(sessions: usize, lines: &str) -> (Vec<String>, io::Result<()>) {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let key = key.to_signing_key().expect("our own key");
        let keyring = One(key, AtomicUsize::new(sessions));
        let mut output = Vec::new();
        let served = serve(&keyring, lines.as_bytes(), &mut output);
        let text = String::from_utf8(output).expect("JSON");
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        (lines, served)
    }

    #[test]
    fn each_request_has_its_answer() {
        for (line, expected) in [
            (
                r#"{"id":1,"op":"open","version":1,"key":"one:"}"#,
                r#"{"id":1,"pin_of":"it"}"#,
            ),
            (
                r#"{"id":1,"op":"open","version":1,"key":"one:","pin":"1"}"#,
                r#"{"id":1,"error":"the PIN is wrong","kind":"pin"}"#,
            ),
            (
                r#"{"id":1,"op":"open","version":1,"key":"x:"}"#,
                r#"{"id":1,"error":"there is none","kind":"no-key","hint":"make one"}"#,
            ),
            (
                r#"{"id":1,"op":"open","version":2,"key":"x:"}"#,
                r#"{"id":1,"error":"version 2 of the signer protocol is not spoken here"}"#,
            ),
            (
                r#"{"id":1,"op":"generate","version":1,"key":"x:","key_type":"p256"}"#,
                r#"{"id":1,"error":"there is one","kind":"exists"}"#,
            ),
            (
                r#"{"id":1,"op":"generate","version":1,"key":"x:","key_type":"dsa"}"#,
                r#"{"id":1,"error":"unknown key type `dsa`","kind":"unable"}"#,
            ),
            (
                r#"{"id":1,"op":"sign","algorithm":"ed25519","message":"AAEC"}"#,
                r#"{"id":1,"signature":"AAEC"}"#,
            ),
            (
                r#"{"id":1,"op":"sign","algorithm":"ed25519","message":"?"}"#,
                r#"{"id":1,"error":"the message is no base64"}"#,
            ),
        ] {
            let (lines, served) = spoken(line);
            assert_eq!(lines, [expected], "{line}");
            assert!(served.is_ok());
        }
        let open = r#"{"id":1,"op":"open","version":1,"key":"one:","pin":"1234"}"#;
        assert!(spoken(open).0[0].starts_with(r#"{"id":1,"public_key":"MFkw"#));
    }

    #[test]
    fn many_are_answered_at_once_and_what_is_no_request_ends_it() {
        let sign =
            |id| format!(r#"{{"id":{id},"op":"sign","algorithm":"ed25519","message":"AAEC"}}"#);
        let lines: Vec<_> = (100..200).map(sign).collect();
        // What has the key may give fewer sessions than there are threads.
        for sessions in [usize::MAX, 2, 1] {
            let (answers, served) = spoken_with(sessions, &lines.join("\n"));
            assert_eq!(answers.len(), 100);
            assert!(served.is_ok());
            let signed = |it: &String| it.ends_with(r#""signature":"AAEC"}"#);
            assert!(answers.iter().all(signed), "{answers:#?}");
        }
        let (answers, _) = spoken_with(0, &lines.join("\n"));
        let refused = |it: &String| it.contains("no more sessions");
        assert!(answers.len() == 100 && answers.iter().all(refused));
        for line in [
            "hello",
            r#"{"id":1,"op":"destroy"}"#,
            r#"{"op":"open"}"#,
            "[]",
        ] {
            assert!(spoken(line).1.is_err(), "{line}");
        }
    }
}
