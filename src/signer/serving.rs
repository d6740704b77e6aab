//! The side of the program that has the key: reads requests, answers them, several at once where it can.

use std::{
    io::{self, BufRead, Write},
    sync::{
        Mutex, PoisonError,
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
    /// What signs in one thread.
    type Session<'a>
    where
        Self: 'a;

    /// So many threads sign at once.
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

    /// Begins to sign in this thread.
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
    thread::scope(|scope| {
        let threads =
            (0..threads(keyring)).map(|_| scope.spawn(|| sign(keyring, &waiting, &output)));
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
    keyring: &K,
    waiting: &Mutex<Receiver<Waiting>>,
    output: &Mutex<impl Write>,
) -> io::Result<()> {
    let mut session = None;
    loop {
        let next = waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(next) = next else { return Ok(()) };
        let signed = signed(keyring, &mut session, &next);
        write(
            output,
            next.id,
            signed.map_or_else(Said::Refused, Said::Signature),
        )?;
    }
}

fn signed<'k, K: Keyring>(
    keyring: &'k K,
    session: &mut Option<K::Session<'k>>,
    waiting: &Waiting,
) -> Result<Vec<u8>, Refusal> {
    let session = match session {
        Some(session) => session,
        none => none.insert(keyring.session()?),
    };
    keyring.sign(session, waiting.algorithm, &waiting.message)
}

fn write(output: &Mutex<impl Write>, id: u64, said: Said) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Answer::new(id, said))?;
    line.push(b'\n');
    let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
    output.write_all(&line)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::key::{PrivateKey, Signer as _, SigningKey};

    /// One key, which has a PIN.
    struct One(SigningKey);

    impl Keyring for One {
        type Session<'a> = ();
        const THREADS: usize = 3;

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
            Ok(())
        }

        fn sign(&self, (): &mut (), _: Algorithm, message: &[u8]) -> Result<Vec<u8>, Refusal> {
            Ok(message.to_vec())
        }
    }

    fn spoken(lines: &str) -> (Vec<String>, io::Result<()>) {
        let key = PrivateKey::generate(KeyType::P256).expect("random source");
        let keyring = One(key.to_signing_key().expect("our own key"));
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
        let (answers, served) = spoken(&lines.join("\n"));
        assert_eq!(answers.len(), 100);
        assert!(served.is_ok() && answers[99] == r#"{"id":199,"signature":"AAEC"}"#);
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
