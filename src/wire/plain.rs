//! What a port that speaks plain text is, by what it says.

use super::{before::shown, reply::is_like_tls};

/// What is asked of a port that was silent before a ClientHello, one connection each, and by whose protocol.
pub(super) const QUESTIONS: [&[u8]; 3] = [
    // PostgreSQL's SSLRequest
    &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f],
    b"PING\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
];

/// One way to begin in a line, a tab, and who begins so; `\r\n` stands for the end of a line.
const BEGINNINGS: &str = include_str!("plain.txt");

fn beginnings() -> impl Iterator<Item = (Vec<u8>, &'static str)> {
    let lines = BEGINNINGS.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let (begin, name) = line.split_once('\t')?;
        Some((begin.replace("\\r\\n", "\r\n").into_bytes(), name))
    })
}

/// Who says this, in words; `None` where nothing was said, or what may be TLS.
pub(super) fn recognise(octets: &[u8]) -> Option<String> {
    if is_like_tls(octets) {
        return None;
    }
    let octets = octets.trim_ascii_start();
    let known = beginnings().find(|(begin, _)| octets.starts_with(begin));
    if let Some((_, name)) = known {
        return Some(mail_or_files(octets).unwrap_or(name).to_owned());
    }
    match octets {
        [] => None,
        _ if is_mysql(octets) => Some(String::from("MySQL")),
        _ if is_postgresql(octets) => Some(String::from("PostgreSQL")),
        _ if is_ldap(octets) => Some(String::from("LDAP")),
        _ if is_text(octets) => Some(format!("`{}`", shown(octets))),
        _ => Some(String::from("something that is no TLS")),
    }
}

/// Who that is who answered one of the [`QUESTIONS`] with this; `None` where only silence would be right.
pub(super) fn answer(question: usize, octets: &[u8]) -> Option<String> {
    match (question, octets) {
        (_, []) => None,
        (0, b"S" | b"N") => Some(String::from("PostgreSQL")),
        // Nobody but PostgreSQL understands the first question: what else comes says nothing of its sender.
        (0, _) => recognise(octets).filter(|_| octets.len() > 4),
        _ => recognise(octets),
    }
}

fn mail_or_files(octets: &[u8]) -> Option<&'static str> {
    let banner = octets.strip_prefix(b"220")?;
    let text = String::from_utf8_lossy(banner).to_ascii_uppercase();
    match (text.contains("SMTP"), text.contains("FTP")) {
        (true, _) => Some("SMTP"),
        (_, true) => Some("FTP"),
        _ => None,
    }
}

/// A packet, number 0, with protocol 10 or an error.
fn is_mysql(octets: &[u8]) -> bool {
    matches!(octets, [_, 0, 0, 0, 10 | 0xff, ..])
}

/// An ErrorResponse, whose first field is the severity.
fn is_postgresql(octets: &[u8]) -> bool {
    matches!(octets, [b'E', 0, 0, _, _, b'S', ..])
}

/// A notice of disconnection (RFC 4511 §4.4.1).
fn is_ldap(octets: &[u8]) -> bool {
    const NOTICE: &[u8] = b"1.3.6.1.4.1.1466.20036";
    octets.first() == Some(&0x30) && octets.windows(NOTICE.len()).any(|it| it == NOTICE)
}

fn is_text(octets: &[u8]) -> bool {
    let begin = &octets[..octets.len().min(16)];
    let is_shown = |octet: &u8| octet.is_ascii_graphic() || octet.is_ascii_whitespace();
    begin.iter().all(is_shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_known_by_what_they_say() {
        for (octets, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Some("HTTP")),
            (b"\n\nHTTP/1.1 400", Some("HTTP")),
            (b"-ERR unknown command", Some("Redis")),
            (b"-ERR line too long", Some("POP3")),
            (b"220 mail.test ESMTP Postfix\r\n", Some("SMTP")),
            (b"220 (vsFTPd 3.0.3)\r\n", Some("FTP")),
            (b"220 hello\r\n", Some("SMTP or FTP")),
            (b"\x4a\0\0\0\x0a8.0\0", Some("MySQL")),
            (b"\x10\0\0\0\xff\x6a\x04Host", Some("MySQL")),
            (b"E\0\0\0\x85SFATAL\0", Some("PostgreSQL")),
            (
                b"0$\x02\x01\0x\x1f\n\x01\x02\x04\0\x04\0\x8a\x161.3.6.1.4.1.1466.20036",
                Some("LDAP"),
            ),
            (
                b"ERROR: Received an unsupported protocol version. This port is for RethinkDB",
                Some("RethinkDB"),
            ),
            (b"hello there\r\n", Some("`hello there`")),
            (b"\x80\x01\x02", Some("something that is no TLS")),
            (b"", None),
            (b"\r\n", None),
            // What TLS says to plain text
            (b"\x15\x03\x03\x00\x02\x02\x0a", None),
            (b"\x15", None),
        ] {
            assert_eq!(recognise(octets).as_deref(), expected, "{octets:?}");
        }
        assert_eq!(answer(0, b"N").as_deref(), Some("PostgreSQL"));
        assert_eq!(answer(0, b"-ERR"), None);
        assert_eq!(answer(1, b"+PONG\r\n").as_deref(), Some("Redis"));
    }
}
