//! The only place that touches the network: connections whose time and octets are bounded.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _},
    os::unix::net::UnixStream,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use super::{
    Approach,
    address::Location,
    before::{self, Next},
};
use crate::{emit::BeforeTls, pki::chain::Host};

/// The most that is read of one connection: four times what rustls takes of a chain.
const MAX_OCTETS: usize = 256 << 10;

/// The most that is heard before TLS begins.
const MAX_HEARD: usize = 64 << 10;

/// A connection, for as long as it may take.
#[derive(Debug)]
pub(super) struct Link {
    socket: Socket,
    began: Instant,
    end: Instant,
    /// Until then something must have been heard
    silent_until: Option<Instant>,
    left: usize,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// Why a connection did not come to TLS.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody is there
    Unreachable(String),
    /// Somebody is, and does not speak TLS, or not so
    Refused(String),
    /// It ended, or took too long, in the conversation before TLS
    Broken(String),
}

impl Link {
    /// Connects, through the proxy where there is one.
    ///
    /// # Errors
    ///
    /// Why nobody answers.
    pub(super) fn connect(location: &Location, approach: &Approach) -> Result<Self, Stop> {
        let began = Instant::now();
        let end = began + approach.patience;
        let of = |socket| Self {
            socket,
            began,
            end,
            silent_until: None,
            left: MAX_OCTETS,
        };
        let (host, port) = match location {
            Location::Unix(path) => {
                let stream = UnixStream::connect(path).map_err(|error| unreachable(&error))?;
                return Ok(of(Socket::Unix(stream)));
            }
            Location::Tcp(host, port) => (host, port.unwrap_or_default()),
        };
        let Some(proxy) = &approach.proxy else {
            return Ok(of(Socket::Tcp(tcp(host, port, approach, end)?)));
        };
        let stream = tcp(&proxy.host, proxy.port, approach, end);
        let stream = stream.map_err(Stop::of_proxy)?;
        let mut link = of(Socket::Tcp(stream));
        let known = known(host, approach).map(Host::Ip);
        let to = known.as_ref().unwrap_or(host);
        match link.converse(|turn, heard| proxy.next(to, port, turn, heard)) {
            Ok(()) => Ok(link),
            Err(Stop::Refused(reason)) => Err(Stop::Unreachable(reason)),
            Err(stop) => Err(stop.of_proxy()),
        }
    }

    /// Speaks what comes before TLS.
    pub(super) fn begin(&mut self, before: BeforeTls, name: Option<&str>) -> Result<(), Stop> {
        self.converse(|turn, heard| before::next(before, name, turn, heard))
    }

    fn converse(&mut self, next: impl Fn(usize, &[u8]) -> Next) -> Result<(), Stop> {
        let broken = |error: io::Error| Stop::Broken(in_words(&error));
        let (mut turn, mut heard) = (0, Vec::new());
        loop {
            match next(turn, &heard) {
                Next::Begin => return Ok(()),
                Next::Refused(reason) => return Err(Stop::Refused(reason)),
                Next::SayAndBegin(octets) => return self.write_all(&octets).map_err(broken),
                Next::Say(octets) => {
                    self.write_all(&octets).map_err(broken)?;
                    heard.clear();
                    turn += 1;
                }
                Next::Hear if heard.len() > MAX_HEARD => {
                    return Err(Stop::Refused(String::from("it speaks and does not stop")));
                }
                Next::Hear => {
                    if self.hear(&mut heard).map_err(broken)? == 0 {
                        let end = || Stop::Broken(String::from("it closed the connection"));
                        return Err(match heard.is_empty() {
                            true => end(),
                            false => Stop::Refused(format!("it says `{}`", before::shown(&heard))),
                        });
                    }
                }
            }
        }
    }

    /// Adds what comes next to what was heard; how many octets, 0 at the end.
    pub(super) fn hear(&mut self, heard: &mut Vec<u8>) -> io::Result<usize> {
        let mut octets = [0; 4096];
        let count = self.read(&mut octets)?;
        heard.extend(&octets[..count]);
        Ok(count)
    }

    /// From now on it may take no longer than this.
    pub(super) fn no_longer_than(&mut self, patience: Duration) {
        self.end = self.end.min(Instant::now() + patience);
    }

    /// The first that is heard must come within this.
    pub(super) fn not_silent_for(&mut self, patience: Duration) {
        self.silent_until = Some(Instant::now() + patience);
    }

    /// Whether nothing was heard yet.
    pub(super) fn is_silent(&self) -> bool {
        self.left == MAX_OCTETS
    }

    /// How long it has taken.
    pub(super) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// The time that is left; an error where there is none.
    fn rest(&self) -> io::Result<Duration> {
        let silent = self.silent_until.filter(|_| self.is_silent());
        let end = silent.map_or(self.end, |until| until.min(self.end));
        let rest = end.saturating_duration_since(Instant::now());
        match rest.is_zero() {
            true => Err(ErrorKind::TimedOut.into()),
            false => Ok(rest),
        }
    }
}

impl Read for Link {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let rest = Some(self.rest()?);
        if self.left == 0 {
            let most = MAX_OCTETS >> 10;
            return Err(io::Error::other(format!("it sends more than {most} KiB")));
        }
        let most = octets.len().min(self.left);
        let octets = &mut octets[..most];
        let count = match &mut self.socket {
            Socket::Tcp(stream) => stream
                .set_read_timeout(rest)
                .and_then(|()| stream.read(octets)),
            Socket::Unix(stream) => stream
                .set_read_timeout(rest)
                .and_then(|()| stream.read(octets)),
        };
        let count = count.map_err(timed_out)?;
        self.left -= count;
        Ok(count)
    }
}

impl Write for Link {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let rest = Some(self.rest()?);
        let count = match &mut self.socket {
            Socket::Tcp(stream) => stream
                .set_write_timeout(rest)
                .and_then(|()| stream.write(octets)),
            Socket::Unix(stream) => stream
                .set_write_timeout(rest)
                .and_then(|()| stream.write(octets)),
        };
        count.map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stop {
    fn of_proxy(self) -> Self {
        match self {
            Self::Unreachable(reason) | Self::Broken(reason) | Self::Refused(reason) => {
                Self::Unreachable(format!("the proxy: {reason}"))
            }
        }
    }
}

/// A socket says that it would block where its time is over.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
        _ => error,
    }
}

/// An error without the system's number for it.
pub(super) fn in_words(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut => String::from("no answer in time"),
        ErrorKind::ConnectionRefused => String::from("the connection was refused"),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            String::from("it closed the connection")
        }
        ErrorKind::NotFound => String::from("there is nothing of that name"),
        _ => {
            let text = error.to_string();
            let words = text.split(" (os error").next().unwrap_or_default();
            words.to_owned()
        }
    }
}

fn unreachable(error: &io::Error) -> Stop {
    Stop::Unreachable(in_words(error))
}

/// The address that somebody gave for a name.
fn known(host: &Host, approach: &Approach) -> Option<IpAddr> {
    let name = host.to_string();
    let mut known = approach.resolved.iter();
    known.find(|(it, _)| *it == name).map(|(_, ip)| *ip)
}

/// Tries all addresses of a host, one after the other, each for its part of the time.
fn tcp(host: &Host, port: u16, approach: &Approach, end: Instant) -> Result<TcpStream, Stop> {
    let addresses = match (known(host, approach), host) {
        (Some(ip), _) | (None, &Host::Ip(ip)) => vec![SocketAddr::new(ip, port)],
        (None, Host::Dns(name)) => look_up(name, port, end)?,
    };
    let mut last = Stop::Unreachable(String::from("the name has no address"));
    for (index, address) in addresses.iter().enumerate() {
        let left = end.saturating_duration_since(Instant::now());
        let others = u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let share = left / others.max(1);
        if share.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => {
                // Each message goes out at once: there is never a second to wait for.
                stream
                    .set_nodelay(true)
                    .map_err(|error| unreachable(&error))?;
                return Ok(stream);
            }
            Err(error) => last = unreachable(&timed_out(error)),
        }
    }
    Err(last)
}

/// The system looks names up for as long as it likes; a thread of its own does not make others wait.
fn look_up(name: &str, port: u16, end: Instant) -> Result<Vec<SocketAddr>, Stop> {
    let (send, receive) = mpsc::channel();
    let asked = (name.to_owned(), port);
    let ask = move || drop(send.send(asked.to_socket_addrs().map(Iterator::collect)));
    thread::Builder::new()
        .spawn(ask)
        .map_err(|error| unreachable(&error))?;
    let left = end.saturating_duration_since(Instant::now());
    let found: io::Result<Vec<SocketAddr>> = receive
        .recv_timeout(left)
        .map_err(|_| Stop::Unreachable(String::from("the name was not resolved in time")))?;
    found.map_err(|_| Stop::Unreachable(String::from("the name has no address")))
}
