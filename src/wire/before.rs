//! The conversations that come before TLS: what is said next, and what the answer means.
//!
//! Pure: each is asked with how often it has spoken and what was heard since, and says what to do.

use crate::emit::BeforeTls;

/// What comes next in a conversation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// More must be heard first
    Hear,
    /// The other side has no TLS, or none of this protocol: what it said or lacks
    Refused(String),
    /// Say this, and then hear
    Say(Vec<u8>),
    /// Say this, and TLS begins
    SayAndBegin(Vec<u8>),
    /// TLS begins
    Begin,
}

use Next::{Begin, Hear, Refused, Say, SayAndBegin};

/// Goes on with a conversation in which `turn` things were said, and `heard` since the last.
pub(super) fn next(before: BeforeTls, host: Option<&str>, turn: usize, heard: &[u8]) -> Next {
    match before {
        BeforeTls::Ftp => lines(&[(b"220", ""), (b"234", "AUTH TLS\r\n")], turn, heard),
        BeforeTls::Imap => imap(turn, heard),
        BeforeTls::Ldap => ldap(turn, heard),
        BeforeTls::Mysql => mysql(heard),
        BeforeTls::Nats => nats(heard),
        BeforeTls::Nothing => Begin,
        BeforeTls::Pop3 => lines(&[(b"+OK", ""), (b"+OK", "STLS\r\n")], turn, heard),
        BeforeTls::Postgresql => postgresql(turn, heard),
        BeforeTls::Smtp => smtp(turn, heard),
        BeforeTls::Xmpp => xmpp(host.unwrap_or("localhost"), turn, heard),
    }
}

/// What was said, for messages: the first line, without what cannot be shown.
pub(super) fn shown(octets: &[u8]) -> String {
    let line = octets.split(|&octet| octet == b'\n').next();
    let text = String::from_utf8_lossy(line.unwrap_or_default());
    let text: String = text.trim_end().chars().take(80).collect();
    crate::pki::name::visible(&text).into_owned()
}

fn said(octets: &[u8]) -> Next {
    Refused(format!("it says `{}`", shown(octets)))
}

/// The last of an answer's lines, once it is whole: `250-…` goes on, `250 …` ends it.
fn last_line(heard: &[u8]) -> Option<&[u8]> {
    let text = heard.strip_suffix(b"\n")?;
    let last = text.rsplit(|&octet| octet == b'\n').next()?;
    (last.get(3) != Some(&b'-')).then_some(last)
}

/// Each step is said, and answered by a line that begins so; the first is said by nobody.
fn lines(steps: &[(&[u8], &str)], turn: usize, heard: &[u8]) -> Next {
    let Some(line) = last_line(heard) else {
        return Hear;
    };
    match steps.get(turn) {
        Some((expected, _)) if !line.starts_with(expected) => said(line),
        _ => match steps.get(turn + 1) {
            Some((_, command)) => Say(command.as_bytes().to_vec()),
            None => Begin,
        },
    }
}

fn smtp(turn: usize, heard: &[u8]) -> Next {
    let steps: &[(&[u8], &str)] = &[
        (b"220", ""),
        (b"250", "EHLO localhost\r\n"),
        (b"220", "STARTTLS\r\n"),
    ];
    let next = lines(steps, turn, heard);
    let offers = || {
        let text = String::from_utf8_lossy(heard).to_ascii_uppercase();
        text.lines().any(|line| line.get(4..) == Some("STARTTLS"))
    };
    match (turn, &next) {
        (1, Say(_)) if !offers() => Refused(String::from("SMTP without STARTTLS")),
        _ => next,
    }
}

fn imap(turn: usize, heard: &[u8]) -> Next {
    let mut all = heard.split_inclusive(|&octet| octet == b'\n');
    match turn {
        0 => match last_line(heard) {
            None => Hear,
            Some(line) if line.starts_with(b"* OK") => Say(b"a STARTTLS\r\n".to_vec()),
            Some(line) => said(line),
        },
        _ => match all.find(|line| line.starts_with(b"a ") && line.ends_with(b"\n")) {
            None => Hear,
            Some(line) if line.starts_with(b"a OK") => Begin,
            Some(line) => said(line),
        },
    }
}

fn postgresql(turn: usize, heard: &[u8]) -> Next {
    // Length 8, and a number that is no version (PostgreSQL, "Message Formats").
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    match (turn, heard) {
        (0, _) => Say(SSL_REQUEST.to_vec()),
        (_, []) => Hear,
        (_, b"S") => Begin,
        (_, [b'N', ..]) => Refused(String::from("PostgreSQL with TLS switched off")),
        // What stands behind the answer was put there by somebody in between (CVE-2021-23222).
        (_, [b'S', ..]) => Refused(String::from(
            "octets that were not asked for behind the answer",
        )),
        (_, other) => said(other),
    }
}

/// The request says what the client can do; the server's greeting whether it can do TLS.
fn mysql(heard: &[u8]) -> Next {
    const CLIENT_SSL: u32 = 0x0800;
    // LONG_PASSWORD, PROTOCOL_41, SSL, SECURE_CONNECTION, PLUGIN_AUTH
    const CAPABILITIES: u32 = 0x0001 | 0x0200 | CLIENT_SSL | 0x8000 | 0x0008_0000;
    const MAX_PACKET: u32 = 1 << 24;
    const UTF8: u8 = 33;
    let [low, middle, high, sequence, payload @ ..] = heard else {
        return Hear;
    };
    let length = u32::from_le_bytes([*low, *middle, *high, 0]) as usize;
    let Some(payload) = payload.get(..length) else {
        return Hear;
    };
    if let [0xff, _, _, text @ ..] = payload {
        return said(text);
    }
    let capabilities = greeting_capabilities(payload);
    match capabilities {
        None => said(payload),
        Some(found) if u32::from(found) & CLIENT_SSL == 0 => {
            Refused(String::from("MySQL with TLS switched off"))
        }
        Some(_) => {
            let mut packet = vec![32, 0, 0, sequence.wrapping_add(1)];
            packet.extend(CAPABILITIES.to_le_bytes());
            packet.extend(MAX_PACKET.to_le_bytes());
            packet.push(UTF8);
            packet.extend([0; 23]);
            SayAndBegin(packet)
        }
    }
}

/// The lower capabilities: behind protocol 10, a version, a thread, eight octets of salt and a zero.
fn greeting_capabilities(payload: &[u8]) -> Option<u16> {
    let rest = payload.strip_prefix(&[10])?;
    let end = rest.iter().position(|&octet| octet == 0)?;
    let fields = rest.get(end + 1 + 4 + 8 + 1..)?;
    Some(u16::from_le_bytes([*fields.first()?, *fields.get(1)?]))
}

fn nats(heard: &[u8]) -> Next {
    if !heard.ends_with(b"\n") {
        return Hear;
    }
    let Some(info) = heard.strip_prefix(b"INFO ") else {
        return said(heard);
    };
    let info: serde_json::Value = serde_json::from_slice(info).unwrap_or_default();
    let is = |key: &str| info[key].as_bool() == Some(true);
    match is("tls_required") || is("tls_available") {
        true => Begin,
        false => Refused(String::from("NATS with TLS switched off")),
    }
}

fn ldap(turn: usize, heard: &[u8]) -> Next {
    const START_TLS: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
    const EXTENDED_RESPONSE: u8 = 0x78;
    const ENUMERATED: u8 = 0x0a;
    if turn == 0 {
        return Say(START_TLS.to_vec());
    }
    let Some((message, [])) = element(heard, 0x30) else {
        return match heard.first() {
            None | Some(0x30) => Hear,
            Some(_) => said(heard),
        };
    };
    let response = element(message, 0x02)
        .and_then(|(_, rest)| element(rest, EXTENDED_RESPONSE))
        .and_then(|(response, _)| element(response, ENUMERATED));
    match response {
        Some(([0], _)) => Begin,
        Some((code, _)) => Refused(format!(
            "LDAP that refuses StartTLS with result {}",
            code.first().copied().unwrap_or_default()
        )),
        None => Refused(String::from("LDAP that does not know StartTLS")),
    }
}

/// The content of a BER element with this tag, and what follows it.
fn element(octets: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, length, rest @ ..] = octets else {
        return None;
    };
    let (length, rest) = match usize::from(*length) {
        short @ 0..=0x7f => (short, rest),
        // Microsoft writes all lengths in four octets.
        long => {
            let count = (long & 0x7f).min(4);
            let octets = rest.get(..count)?;
            let length = octets
                .iter()
                .fold(0, |sum, &octet| sum << 8 | usize::from(octet));
            (length, rest.get(count..)?)
        }
    };
    (*found == tag && rest.len() >= length).then(|| rest.split_at(length))
}

fn xmpp(host: &str, turn: usize, heard: &[u8]) -> Next {
    let text = String::from_utf8_lossy(heard);
    match turn {
        // Host names have no character that XML would take for its own.
        0 => Say(format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' to='{host}' version='1.0'>"
        )
        .into_bytes()),
        1 if text.contains("</stream:features>") || text.contains("</features>") => {
            match text.contains("urn:ietf:params:xml:ns:xmpp-tls") {
                true => Say(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_vec()),
                false => Refused(String::from("XMPP without STARTTLS")),
            }
        }
        2 if text.contains("<proceed") && text.ends_with('>') => Begin,
        _ if text.contains("<failure") || text.contains("stream:error") => {
            Refused(String::from("XMPP that refuses STARTTLS"))
        }
        _ if !heard.is_empty() && !text.trim_start().starts_with('<') => said(heard),
        _ => Hear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A greeting of MySQL with these lower capabilities.
    fn greeting(capabilities: u16) -> Vec<u8> {
        let mut payload = b"\x0a8.0.1\0\x01\0\0\0saltsalt\0".to_vec();
        payload.extend(capabilities.to_le_bytes());
        payload.extend([33, 2, 0, 0, 0]);
        let length = u8::try_from(payload.len()).expect("short");
        [&[length, 0, 0, 0], &payload[..]].concat()
    }

    /// Each line: protocol, turn, what was heard, what comes next: `?` hear, `!` refused, `.` begin, or what is said.
    #[test]
    fn conversations_go_on() {
        use BeforeTls::*;
        let (with, without) = (greeting(0xffff), greeting(0xf7ff));
        let table: &[(BeforeTls, usize, &[u8], &str)] = &[
            (Nothing, 0, b"", "."),
            (Postgresql, 0, b"", "\0\0\0\u{8}\u{4}"),
            (Postgresql, 1, b"", "?"),
            (Postgresql, 1, b"S", "."),
            (Postgresql, 1, b"SX", "!octets"),
            (Postgresql, 1, b"N", "!PostgreSQL with TLS switched off"),
            (Postgresql, 1, b"E\0\0\0\x08oops", "!it says"),
            (Postgresql, 1, b"HTTP/1.1 400", "!it says `HTTP/1.1 400`"),
            (Mysql, 0, b"\x4a\0", "?"),
            (Mysql, 0, &with[..20], "?"),
            (Mysql, 0, &with, " \0\0\u{1}"),
            (Mysql, 0, &without, "!MySQL with TLS switched off"),
            (Mysql, 0, b"\x0a\0\0\0\xff\x6a\x04blocked", "!it says `blocked`"),
            (Mysql, 0, b"\x01\0\0\0\x09", "!it says"),
            (Smtp, 0, b"", "?"),
            (Smtp, 0, b"220-a\r\n", "?"),
            (Smtp, 0, b"220-a\r\n220 b\r\n", "EHLO"),
            (Smtp, 0, b"554 no\r\n", "!it says `554 no`"),
            (Smtp, 1, b"250-a\r\n250-STARTTLS\r\n250 X\r\n", "STARTTLS"),
            (Smtp, 1, b"250-a\r\n250-starttls\r\n250 X\r\n", "STARTTLS"),
            (Smtp, 1, b"250-a\r\n250 SIZE\r\n", "!SMTP without STARTTLS"),
            (Smtp, 2, b"220 go\r\n", "."),
            (Smtp, 2, b"454 no\r\n", "!it says `454 no`"),
            (Ftp, 0, b"220 hi\r\n", "AUTH TLS"),
            (Ftp, 1, b"234 go\r\n", "."),
            (Ftp, 1, b"530 no\r\n", "!it says"),
            (Pop3, 0, b"+OK hi\r\n", "STLS"),
            (Pop3, 1, b"+OK\r\n", "."),
            (Pop3, 1, b"-ERR\r\n", "!it says `-ERR`"),
            (Imap, 0, b"* OK hi\r\n", "a STARTTLS"),
            (Imap, 0, b"* BYE\r\n", "!it says"),
            (Imap, 1, b"* CAPABILITY\r\n", "?"),
            (Imap, 1, b"* x\r\na OK go\r\n", "."),
            (Imap, 1, b"a NO\r\n", "!it says `a NO`"),
            (Nats, 0, b"INFO {\"tls", "?"),
            (Nats, 0, b"INFO {\"tls_required\":true} \r\n", "."),
            (Nats, 0, b"INFO {\"tls_available\":true}\r\n", "."),
            (Nats, 0, b"INFO {\"a\":1}\r\n", "!NATS with TLS switched off"),
            (Nats, 0, b"INFO x\r\n", "!NATS"),
            (Nats, 0, b"-ERR\r\n", "!it says"),
            (Ldap, 0, b"", "0\u{1d}\u{2}"),
            (Ldap, 1, b"", "?"),
            (Ldap, 1, b"\x30\x0c\x02\x01", "?"),
            (Ldap, 1, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00", "."),
            (
                Ldap,
                1,
                b"\x30\x84\0\0\0\x10\x02\x01\x01\x78\x84\0\0\0\x07\x0a\x01\x00\x04\x00\x04\x00",
                ".",
            ),
            (Ldap, 1, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00", "!LDAP that refuses StartTLS with result 52"),
            (Ldap, 1, b"\x30\x03\x02\x01\x01", "!LDAP that does not"),
            (Ldap, 1, b"HTTP/1.1", "!it says"),
            (Xmpp, 0, b"", "<?xml"),
            (Xmpp, 1, b"<?xml version='1.0'?><stream:stream>", "?"),
            (Xmpp, 1, b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>", "<starttls"),
            (Xmpp, 1, b"<stream:features></stream:features>", "!XMPP without"),
            (Xmpp, 1, b"SSH-2.0\r\n", "!it says `SSH-2.0`"),
            (Xmpp, 2, b"<proceed xmlns='x'/>", "."),
            (Xmpp, 2, b"<failure/>", "!XMPP that refuses"),
        ];
        for (before, turn, heard, expected) in table {
            let found = match next(*before, Some("a.test"), *turn, heard) {
                Hear => String::from("?"),
                Begin => String::from("."),
                Refused(reason) => format!("!{reason}"),
                Say(octets) | SayAndBegin(octets) => String::from_utf8_lossy(&octets).into_owned(),
            };
            let shown = String::from_utf8_lossy(heard);
            assert!(
                found.starts_with(expected),
                "{before:?} {turn} {shown:?}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_said_is_shown_in_one_line() {
        assert_eq!(
            shown(b"220 \x1b[31m\x07\r\nmore"),
            shown(b"220 \x1b[31m\x07")
        );
        assert!(!shown(b"\x1b[31m").contains('\u{1b}'));
        assert_eq!(shown("a".repeat(999).as_bytes()).len(), 80);
    }
}
