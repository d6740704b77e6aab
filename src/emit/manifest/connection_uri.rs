//! Connection URIs (libpq, Connection URIs): `postgresql://user@host:port/dbname?name=value&name=value`.

/// What a URI says behind its scheme, by the names that the same has in a text of `name=value`.
pub(super) fn parameters(uri: &str) -> Vec<(String, String)> {
    let (place, query) = uri.split_once('?').unwrap_or((uri, ""));
    let (authority, dbname) = place.split_once('/').unwrap_or((place, ""));
    let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let hosts: Vec<_> = hosts.split(',').map(host_and_port).collect();
    let all = |part: fn(&(&str, &str)) -> String| hosts.iter().map(part).collect::<Vec<_>>();
    let host = all(|(host, _)| decoded(host)).join(",");
    let port = all(|(_, port)| decoded(port)).join(",");
    let parts = [
        ("user", decoded(user)),
        ("password", decoded(password)),
        ("host", host),
        ("port", port),
        ("dbname", decoded(dbname)),
    ];
    let is_said = |part: &(&str, String)| part.1.contains(|it| it != ',');
    let parts = parts.into_iter().filter(is_said);
    let parts = parts.map(|(name, value)| (name.to_owned(), value));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query = query.map(|(name, value)| match (decoded(name), decoded(value)) {
        // As JDBC has it.
        (name, value) if name == "ssl" && value == "true" => {
            (String::from("sslmode"), String::from("require"))
        }
        pair => pair,
    });
    parts.chain(query).collect()
}

/// A host without the brackets of an IPv6 address, and its port.
fn host_and_port(text: &str) -> (&str, &str) {
    let bracketed = text.strip_prefix('[');
    if let Some((host, rest)) = bracketed.and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':').unwrap_or_default());
    }
    text.split_once(':').unwrap_or((text, ""))
}

/// A text with what its percent signs stand for (RFC 3986 §2.1); one that stands for no text is left as it is.
fn decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|it| str::from_utf8(it).ok());
        let digits = digits.filter(|_| first == b'%');
        let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        octets.push(octet.unwrap_or(first));
        rest = if octet.is_some() {
            &behind[2..]
        } else {
            behind
        };
    }
    String::from_utf8(octets).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        for (uri, expected) in [
            ("", ""),
            ("a", "host=a"),
            ("/", ""),
            ("/d", "dbname=d"),
            (
                "u:p%40@a:1,[::1]:2/d",
                "user=u password=p@ host=a,::1 port=1,2 dbname=d",
            ),
            ("a,b", "host=a,b"),
            ("%2Frun/d?x=1", "host=/run dbname=d x=1"),
            (
                "a?sslmode=verify-full&sslrootcert=%2Fa&b",
                "host=a sslmode=verify-full sslrootcert=/a",
            ),
            (
                "a?ssl=true&host=%ff&x=%zz%",
                "host=a sslmode=require host=%ff x=%zz%",
            ),
            ("[::1", "host=[ port=:1"),
        ] {
            let found: Vec<_> = parameters(uri)
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert_eq!(found.join(" "), expected, "{uri}");
        }
    }
}
