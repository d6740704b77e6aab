//! Clients that shake hands without a pause, and count.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt, fs,
    io::{self, Read, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use ::rustls::{
    ClientConfig, ClientConnection, RootCertStore, Stream, SupportedProtocolVersion,
    client::Resumption,
    crypto::ring,
    version::{TLS12, TLS13},
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};

use tempfile::TempDir;

use crate::{Identity, process::until, support::program};

/// What is spoken at a port, and what says that the client was taken: in TLS 1.3 a server looks at its certificate
/// when the handshake is over for the client (RFC 8446 §4.4.2.4).
#[derive(Clone, Copy, Debug)]
pub(super) enum Speaks {
    Redis,
    /// Nothing that a client could say: in TLS 1.2 the handshake itself is the answer
    RedisBus,
    Nats,
    Postgresql,
    /// HTTP, of OpenSSL's `s_server`
    Http,
    /// The same, asked by OpenSSL's `s_client`
    HttpByOpenssl,
}

/// A port of a running server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) port: u16,
    pub(super) speaks: Speaks,
}

/// Who shows which certificate, and trusts whom: what each has loaded last.
#[derive(Default)]
pub(super) struct Load {
    clients: Mutex<BTreeMap<String, Arc<Client>>>,
    done: AtomicUsize,
    failed: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

/// How long a client waits between two handshakes.
const PAUSE: Duration = Duration::from_millis(5);

impl Load {
    /// A client loads its files.
    pub(super) fn reload(&self, name: &str, identity: &Identity) {
        let made = Arc::new(Client::of(identity).expect("the files are whole"));
        let mut clients = self.clients.lock().expect("no client fails in here");
        clients.insert(name.to_owned(), made);
    }

    /// All of these clients shake hands with all of these servers, over and over, for as long as `work` takes.
    pub(super) fn during(&self, endpoints: &[Endpoint], work: impl FnOnce()) -> Count {
        let names: Vec<String> = self.names();
        let began = Instant::now();
        thread::scope(|scope| {
            for name in &names {
                scope.spawn(|| self.shake_hands(name, endpoints));
            }
            // However the work ends, the clients have to.
            let _end = End(&self.is_over);
            work();
        });
        Count {
            done: self.done.load(SeqCst),
            took: began.elapsed(),
            failed: self.failed.lock().expect("the clients are gone").clone(),
        }
    }

    fn names(&self) -> Vec<String> {
        let clients = self.clients.lock().expect("no client fails in here");
        clients.keys().cloned().collect()
    }

    /// Waits until so many more handshakes are done.
    pub(super) fn wait_for(&self, count: usize) {
        let end = self.done.load(SeqCst) + count;
        until("clients have shaken hands", || {
            self.done.load(SeqCst) >= end
        });
    }

    fn shake_hands(&self, name: &str, endpoints: &[Endpoint]) {
        for &endpoint in endpoints.iter().cycle() {
            if self.is_over.load(SeqCst) {
                return;
            }
            let clients = self.clients.lock().expect("no client fails in here");
            let client = clients[name].clone();
            drop(clients);
            if let Err(error) = shake_hands(&client, endpoint) {
                let mut failed = self.failed.lock().expect("no client fails in here");
                failed.push(format!("{name} at {endpoint:?}: {error}"));
            }
            self.done.fetch_add(1, SeqCst);
            thread::sleep(PAUSE);
        }
    }
}

struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// What came of it.
pub(super) struct Count {
    pub(super) done: usize,
    pub(super) took: Duration,
    pub(super) failed: Vec<String>,
}

impl Count {
    /// Fails where a handshake did, or where there were less than fifty a second.
    #[track_caller]
    pub(super) fn expect_none_failed(&self) {
        assert!(self.failed.is_empty(), "{self}");
        assert!(self.done as u128 * 20 >= self.took.as_millis(), "{self}");
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, took, failed } = self;
        let first: Vec<_> = failed.iter().take(5).map(String::as_str).collect();
        let (failed, first) = (failed.len(), first.join("\n"));
        write!(f, "{done} handshakes in {took:?}, {failed} failed\n{first}")
    }
}

/// Who shakes hands, with what was loaded.
struct Client {
    newer: Arc<ClientConfig>,
    older: Arc<ClientConfig>,
    /// Copies of the files, for programs that read them each time
    files: Identity,
    _kept: TempDir,
}

impl Client {
    fn of(identity: &Identity) -> Result<Self, Box<dyn Error>> {
        let kept = tempfile::tempdir()?;
        let keep = |file: &Path, name| {
            let to = kept.path().join(name);
            fs::copy(file, &to).map(|_| to)
        };
        Ok(Self {
            newer: config(identity, &TLS13)?,
            older: config(identity, &TLS12)?,
            files: Identity {
                cert: keep(&identity.cert, "cert.pem")?,
                key: keep(&identity.key, "key.pem")?,
                trust: keep(&identity.trust, "ca.pem")?,
            },
            _kept: kept,
        })
    }
}

fn config(
    identity: &Identity,
    version: &'static SupportedProtocolVersion,
) -> Result<Arc<ClientConfig>, Box<dyn Error>> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_file_iter(&identity.trust)? {
        roots.add(root?)?;
    }
    let chain = CertificateDer::pem_file_iter(&identity.cert)?.collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_file(&identity.key)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    // What is resumed is verified by nobody.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Whether a client with these files is taken, and takes the server.
pub(super) fn is_taken(identity: &Identity, endpoint: Endpoint) -> bool {
    let client = Client::of(identity).expect("the files are whole");
    shake_hands(&client, endpoint).is_ok()
}

fn shake_hands(client: &Client, endpoint: Endpoint) -> Result<(), Box<dyn Error>> {
    let Client { newer, older, .. } = client;
    let mut plain = TcpStream::connect((Ipv4Addr::LOCALHOST, endpoint.port))?;
    plain.set_read_timeout(Some(Duration::from_secs(20)))?;
    plain.set_nodelay(true)?;
    let (config, says, awaited): (_, &[u8], &[u8]) = match endpoint.speaks {
        Speaks::Redis => (newer, b"PING\r\n", b"+PONG"),
        Speaks::RedisBus => (older, b"", b""),
        Speaks::Nats => {
            while read(&mut plain, 1)? != *b"\n" {}
            (
                newer,
                b"CONNECT {\"verbose\":false,\"tls_required\":true}\r\nPING\r\n",
                b"PONG",
            )
        }
        Speaks::Postgresql => {
            plain.write_all(&[0, 0, 0, 8, 4, 210, 22, 47])?;
            if read(&mut plain, 1)? != *b"S" {
                return Err("no TLS".into());
            }
            // Protocol 3.0; `R` with 0 says that nothing else is asked for.
            let says = b"\0\0\0\x26\0\x03\0\0user\0guest\0database\0postgres\0\0";
            (newer, says, b"R\0\0\0\x08\0\0\0\0")
        }
        Speaks::Http => (newer, ASKS, ANSWERS),
        Speaks::HttpByOpenssl => return by_openssl(&client.files, plain),
    };
    let name = ServerName::try_from("localhost")?;
    let mut connection = ClientConnection::new(Arc::clone(config), name)?;
    let mut tls = Stream::new(&mut connection, &mut plain);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    tls.write_all(says)?;
    let mut heard = Vec::new();
    while !heard.windows(awaited.len().max(1)).any(|it| it == awaited) && !awaited.is_empty() {
        let more = read(&mut tls, 256)?;
        if more.is_empty() {
            return Err(format!("it hung up after {:?}", String::from_utf8_lossy(&heard)).into());
        }
        heard.extend(more);
    }
    Ok(())
}

const ASKS: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
const ANSWERS: &[u8] = b"HTTP/1.0 200";

/// As `s_client` does it, through a connection that stands.
fn by_openssl(files: &Identity, plain: TcpStream) -> Result<(), Box<dyn Error>> {
    let address = plain.peer_addr()?.to_string();
    drop(plain);
    let mut client = program("openssl");
    client.args(["s_client", "-quiet", "-verify_return_error", "-no_ign_eof"]);
    client.args(["-verify_hostname", "localhost", "-connect", &address]);
    for (option, file) in [
        ("-CAfile", &files.trust),
        ("-cert", &files.cert),
        ("-cert_chain", &files.cert),
        ("-key", &files.key),
    ] {
        client.arg(option).arg(file);
    }
    client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut client = client.spawn()?;
    // It may have been refused, and gone, by then: what it says tells.
    let _ = client.stdin.as_mut().ok_or("no input")?.write_all(ASKS);
    let mut heard = Vec::new();
    let mut from = client.stdout.take().ok_or("no output")?;
    while !heard.starts_with(ANSWERS) {
        let more = read(&mut from, 256)?;
        if more.is_empty() {
            let told = client.wait_with_output()?.stderr;
            return Err(String::from_utf8_lossy(&told).into());
        }
        heard.extend(more);
    }
    drop(client.stdin.take());
    drop(from);
    client.wait()?;
    Ok(())
}

fn read(from: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut octets = vec![0; most];
    let count = from.read(&mut octets)?;
    octets.truncate(count);
    Ok(octets)
}
