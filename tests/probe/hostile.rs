//! Servers that mean harm, stand-ins for what is spoken before TLS, proxies, and ports that speak plain text.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use crate::scene::{Scene, local};

/// A server that does this with each connection; it goes with the test's process.
fn serve(work: impl Fn(TcpStream) + Copy + Send + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || work(stream));
        }
    });
    port
}

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len())
        .expect("a record")
        .to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

fn swallow(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 4096]);
}

fn endless_records(mut stream: TcpStream) {
    let record = record(22, &[0; 16_000]);
    while stream.write_all(&record).is_ok() {}
}

fn endless_warnings(mut stream: TcpStream) {
    let record = record(21, &[1, 0]);
    while stream.write_all(&record).is_ok() {}
}

/// A ServerHello of TLS 1.2, and a Certificate of 16 MB.
fn endless_certificates(mut stream: TcpStream) {
    swallow(&mut stream);
    let mut hello = vec![2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2b, 0]);
    let mut certificate = vec![11, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc];
    certificate.resize(16_000, 0x30);
    let _ = stream.write_all(&record(22, &hello));
    let _ = stream.write_all(&record(22, &certificate));
    while stream.write_all(&record(22, &[0x30; 16_000])).is_ok() {}
}

fn an_octet_a_second(mut stream: TcpStream) {
    for octet in record(22, &[2; 1000]) {
        if stream.write_all(&[octet]).is_err() {
            return;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

fn silence(mut stream: TcpStream) {
    while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
}

fn garbage(mut stream: TcpStream) {
    let _ = stream.write_all(&[0xff, 0xfe, 0x00, 0x80, 0x81]);
    silence(stream);
}

fn closes(stream: TcpStream) {
    drop(stream);
}

fn endless_text(mut stream: TcpStream) {
    while stream.write_all(b"220-hello\r\n").is_ok() {}
}

#[test]
fn hostile_servers_cost_neither_time_nor_memory() {
    let scene = Scene::new();
    for (what, port, scheme, codes) in [
        (
            "records",
            serve(endless_records),
            "tls",
            &["handshake-failed"][..],
        ),
        (
            "warnings",
            serve(endless_warnings),
            "tls",
            &["handshake-failed"],
        ),
        (
            "certificates",
            serve(endless_certificates),
            "tls",
            &["handshake-failed"],
        ),
        (
            "an octet a second",
            serve(an_octet_a_second),
            "tls",
            &["handshake-failed"],
        ),
        ("silence", serve(silence), "tls", &["handshake-failed"]),
        (
            "silence before TLS",
            serve(silence),
            "smtp",
            &["handshake-failed"],
        ),
        ("closing", serve(closes), "tls", &["handshake-failed"]),
        ("garbage", serve(garbage), "tls", &["plaintext"]),
        ("text", serve(endless_text), "smtp", &["plaintext"]),
        ("text", serve(endless_text), "tls", &["plaintext"]),
    ] {
        let address = format!("{scheme}://127.0.0.1:{port}");
        let began = Instant::now();
        // 300 MB of address space hold the program and its threads' stacks, and no 16 MB over and over.
        let mut command = scene
            .certctl
            .command(&["--json", "probe", &address, "--timeout", "2s"]);
        let run = crate::support::Run::of(&mut crate::support::wrapped(
            "prlimit",
            &["--as=300000000"],
            command.current_dir(scene.home()),
        ));
        let seen = crate::scene::Seen::of(run);
        seen.expect(what, codes);
        let took = began.elapsed();
        assert!(took < Duration::from_secs(12), "{what}: {took:?}");
    }
}

#[test]
fn plain_ports_are_known_by_what_they_say() {
    let scene = Scene::new();
    for (expected, port) in [
        (
            "HTTP",
            serve(|mut stream| {
                swallow(&mut stream);
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            }),
        ),
        (
            "SSH",
            serve(|mut stream| {
                let _ = stream.write_all(b"SSH-2.0-OpenSSH_9\r\n");
                silence(stream);
            }),
        ),
        (
            "RethinkDB",
            serve(|mut stream| {
                swallow(&mut stream);
                let _ = stream.write_all(b"ERROR: Received an unsupported protocol version. This port is for RethinkDB queries.");
            }),
        ),
    ] {
        let seen = scene.probe(&[&local(port)]);
        seen.expect(expected, &["plaintext"]);
        assert!(
            seen.message("plaintext").ends_with(expected),
            "{:#}",
            seen.0
        );
    }
}

/// Both directions, until one ends.
fn join(one: TcpStream, other: TcpStream) {
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    };
    let (Ok(a), Ok(b)) = (one.try_clone(), other.try_clone()) else {
        return;
    };
    let back = thread::spawn(move || copy(b, a));
    copy(one, other);
    let _ = back.join();
}

fn line(stream: &mut TcpStream) -> Vec<u8> {
    let (mut line, mut octet) = (Vec::new(), [0]);
    while !line.ends_with(b"\n") && stream.read(&mut octet).is_ok_and(|count| count == 1) {
        line.push(octet[0]);
    }
    line
}

/// Speaks before TLS as a server of the protocol does: each step is said, then a line, or so many octets, heard.
type Dialogue = &'static [(&'static [u8], usize)];

/// Hear a line.
const LINE: usize = 0;
/// Hear nothing.
const NOTHING: usize = usize::MAX;

const DIALOGUES: &[(&str, Dialogue)] = &[
    ("smtp", &[(b"220-a\r\n220 b ESMTP\r\n", LINE), (b"250-a\r\n250 STARTTLS\r\n", LINE), (b"220 go\r\n", NOTHING)]),
    ("ftp", &[(b"220 hi\r\n", LINE), (b"234 go\r\n", NOTHING)]),
    ("pop3", &[(b"+OK hi\r\n", LINE), (b"+OK\r\n", NOTHING)]),
    ("imap", &[(b"* OK hi\r\n", LINE), (b"a OK go\r\n", NOTHING)]),
    ("nats", &[(b"INFO {\"tls_required\":true}\r\n", NOTHING)]),
    ("ldap", &[(b"", 31), (b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", NOTHING)]),
    ("postgresql", &[(b"", 8), (b"S", NOTHING)]),
    (
        "mysql",
        &[(b"\x1e\0\0\0\x0a8.0.1\0\x01\0\0\0saltsalt\0\xff\xff\x21\x02\0\0\0\0\0\0", 36), (b"", NOTHING)],
    ),
    (
        "xmpp",
        &[
            (b"", 135),
            (b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>", 51),
            (b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", NOTHING),
        ],
    ),
];

#[test]
fn what_comes_before_tls_is_spoken() {
    let scene = Scene::new();
    let (_server, tls) = scene.openssl("node1", &[]);
    for (scheme, dialogue) in DIALOGUES {
        let port = serve(move |mut stream| {
            for (said, heard) in *dialogue {
                if stream.write_all(said).is_err() {
                    return;
                }
                match *heard {
                    NOTHING => {}
                    LINE => drop(line(&mut stream)),
                    count => drop(stream.read_exact(&mut vec![0; count])),
                }
            }
            if let Ok(behind) = TcpStream::connect((Ipv4Addr::LOCALHOST, tls)) {
                join(stream, behind);
            }
        });
        let address = format!("{scheme}://localhost:{port}");
        let seen = scene.probe(&[&address, "--resolve", "localhost=127.0.0.1"]);
        seen.expect(scheme, &[]);
        assert_eq!(seen.endpoint()["tls"], true, "{scheme}");
        // Who speaks TLS at once there is told nothing of a protocol.
        let seen = scene.probe(&[&local(port)]);
        seen.expect(scheme, &["plaintext"]);
    }
}

#[test]
fn proxies_are_gone_through() {
    let scene = Scene::new();
    let (_server, tls) = scene.openssl("node1", &[]);
    let connect = serve(|mut stream| {
        let first = String::from_utf8(line(&mut stream)).unwrap_or_default();
        while line(&mut stream).len() > 2 {}
        let to = first.split(' ').nth(1).unwrap_or_default().to_owned();
        match TcpStream::connect(to.replace("node1", "127.0.0.1")) {
            Ok(behind) => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                join(stream, behind);
            }
            Err(_) => drop(stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")),
        }
    });
    let socks = serve(|mut stream| {
        let mut octets = [0; 3];
        let _ = stream.read_exact(&mut octets);
        let _ = stream.write_all(&[5, 0]);
        let mut head = [0; 5];
        let _ = stream.read_exact(&mut head);
        // Its length is in the request where it is a name, which it is here.
        let mut rest = vec![0; usize::from(head[4]) + 2];
        let _ = stream.read_exact(&mut rest);
        let [.., high, low] = rest[..] else { return };
        let port = u16::from_be_bytes([high, low]);
        match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
            Ok(behind) => {
                let _ = stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
                join(stream, behind);
            }
            Err(_) => drop(stream.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0])),
        }
    });
    for proxy in [
        format!("http://127.0.0.1:{connect}"),
        format!("socks5://127.0.0.1:{socks}"),
    ] {
        // Only the proxy knows the name.
        let seen = scene.probe(&[&format!("node1:{tls}"), "--proxy", &proxy]);
        seen.expect(&proxy, &[]);
        assert_eq!(seen.endpoint()["tls"], true);
        let seen = scene.probe(&["node1:1", "--proxy", &proxy]);
        seen.expect(&proxy, &["unreachable"]);
        assert!(
            seen.message("unreachable").starts_with("the proxy"),
            "{:#}",
            seen.0
        );
    }
}

#[test]
fn nobody_there_is_told() {
    let scene = Scene::new();
    let closed = crate::support::process::free_port();
    for (address, expected) in [
        (local(closed), "refused"),
        (
            format!("unix:{}/none", scene.home().display()),
            "nothing of that name",
        ),
        (String::from("no-such-host.invalid:1"), "no address"),
    ] {
        let seen = scene.probe(&[&address]);
        seen.expect(&address, &["unreachable"]);
        assert!(
            seen.message("unreachable").contains(expected),
            "{:#}",
            seen.0
        );
    }
}

/// The port of a server that says nothing.
pub(crate) fn silent() -> u16 {
    serve(silence)
}

/// The port of a server that answers PostgreSQL's SSLRequest with no.
pub(crate) fn postgresql_without_tls() -> u16 {
    serve(|mut stream| {
        let _ = stream.read_exact(&mut [0; 8]);
        let _ = stream.write_all(b"N");
        silence(stream);
    })
}
