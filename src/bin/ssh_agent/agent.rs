//! The agent at the other end of a socket (draft-ietf-sshm-ssh-agent): which keys it has, and signatures.

use std::{
    env,
    io::{self, Read as _, Write as _},
    os::unix::net::UnixStream,
};

use crate::blob::{Reader, string};

/// Numbers of messages (§6.1).
const FAILURE: u8 = 5;
const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES_ANSWER: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;
/// Asks for SHA-256 instead of SHA-1 (§6.2).
const RSA_SHA2_256: u32 = 2;
/// The longest message that OpenSSH's agent takes, and the longest that is taken from one.
const MAX_MESSAGE: usize = 256 << 10;

/// The socket's place (ssh-agent(1)).
const SOCKET: &str = "SSH_AUTH_SOCK";

/// A key that the agent has.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The public key in SSH's form (RFC 4253 §6.6)
    pub(crate) blob: Vec<u8>,
    pub(crate) comment: String,
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Agent(UnixStream);

impl Agent {
    pub(crate) fn connect() -> io::Result<Self> {
        let missing = || io::Error::other(format!("{SOCKET} is not set: no agent runs here"));
        let path = env::var_os(SOCKET).ok_or_else(missing)?;
        UnixStream::connect(path).map(Self)
    }

    pub(crate) fn identities(&mut self) -> io::Result<Vec<Identity>> {
        let answer = self.ask(&[REQUEST_IDENTITIES])?;
        let mut answer = body(&answer, IDENTITIES_ANSWER)?;
        let count = answer.number()?;
        (0..count)
            .map(|_| {
                Ok(Identity {
                    blob: answer.string()?.to_vec(),
                    comment: String::from_utf8_lossy(answer.string()?).into_owned(),
                })
            })
            .collect()
    }

    /// A signature in SSH's form; `None` where the agent refuses.
    pub(crate) fn sign(&mut self, key: &[u8], message: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let flags = RSA_SHA2_256.to_be_bytes();
        let request = [&[SIGN_REQUEST], &*string(key), &string(message), &flags].concat();
        let answer = self.ask(&request)?;
        if answer.first() == Some(&FAILURE) {
            return Ok(None);
        }
        let mut answer = body(&answer, SIGN_RESPONSE)?;
        answer.string().map(|it| Some(it.to_vec()))
    }

    /// Whether a message is one that the agent takes.
    pub(crate) fn takes(key: &[u8], message: &[u8]) -> bool {
        key.len() + message.len() + 13 <= MAX_MESSAGE
    }

    fn ask(&mut self, request: &[u8]) -> io::Result<Vec<u8>> {
        self.0.write_all(&string(request))?;
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_MESSAGE {
            return Err(io::Error::other(
                "the agent's answer is longer than 256 KiB",
            ));
        }
        let mut answer = vec![0; length];
        self.0.read_exact(&mut answer)?;
        Ok(answer)
    }
}

/// What stands behind the number of a message.
fn body(answer: &[u8], number: u8) -> io::Result<Reader<'_>> {
    match answer.split_first() {
        Some((first, body)) if *first == number => Ok(Reader(body)),
        _ => Err(io::Error::other(
            "the agent answers something else than it was asked",
        )),
    }
}
