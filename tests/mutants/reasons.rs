//! Why the two need not agree.

/// What a program refuses, and `check` does not look at: the program, its words, and why.
const SILENT: [(&str, &str, &str); 27] = [
    (
        "nginx",
        "\" variable",
        "modules bring variables of their own",
    ),
    (
        "apache",
        "ProxyPass URL must be absolute",
        "what is behind is not TLS's",
    ),
    (
        "apache",
        "needs a path when not defined",
        "what is behind is not TLS's",
    ),
    (
        "apache",
        "Header requires three arguments",
        "headers are not TLS's",
    ),
    (
        "redis",
        "Invalid master port",
        "which master there is, is not TLS's",
    ),
    (
        "haproxy",
        "could not resolve address",
        "names are looked up on the machine that runs it",
    ),
    (
        "apache",
        "Invalid command",
        "modules bring directives of their own: only what is near a known one is told",
    ),
    (
        "nginx",
        "unknown directive",
        "modules bring directives of their own: only what is near a known one is told",
    ),
    (
        "haproxy",
        "unknown keyword",
        "later versions bring keywords: only what is near a known one is told",
    ),
    (
        "redis",
        "Bad directive or wrong number of arguments",
        "later versions bring options: only what is near a known one is told",
    ),
    (
        "redis",
        "Module Configuration detected",
        "modules bring options of their own",
    ),
    (
        "nginx",
        "host not found in",
        "names are looked up on the machine that runs it",
    ),
    ("nginx", "in upstream", "what is behind is not TLS's"),
    ("nginx", "invalid URL prefix", "what is behind is not TLS's"),
    (
        "nginx",
        "location modifier",
        "which pages there are is not TLS's",
    ),
    ("apache", "Unknown parameter: ", "headers are not TLS's"),
    (
        "apache",
        "first argument must be 'add'",
        "headers are not TLS's",
    ),
    ("apache", "Invalid ProxyPass", "what is behind is not TLS's"),
    (
        "haproxy",
        "unable to find required default_backend",
        "which backends there are is not TLS's",
    ),
    (
        "haproxy",
        "is not permitted in",
        "how sections are called is not TLS's",
    ),
    (
        "haproxy",
        "has the same name as",
        "how sections are called is not TLS's",
    ),
    (
        "haproxy",
        "please use distinct names",
        "how servers are called is not TLS's",
    ),
    (
        "haproxy",
        "expression",
        "what expressions mean is not TLS's",
    ),
    ("haproxy", "in 'timeout", "how long is waited is not TLS's"),
    ("haproxy", "no listener", "a file may be a part of several"),
    (
        "redis",
        "not listen anywhere",
        "a file may be a part of several",
    ),
    (
        "stunnel",
        "inetd mode",
        "a service may be started by another program, which has the connection",
    ),
];

/// What is an error though the program takes it: the program, the code, and why.
const ERRORS: [(&str, &str, &str); 8] = [
    ("*", "incomplete-options", "no certificate is shown"),
    (
        "*",
        "malformed",
        "what is missed there is missed at the handshake: every peer is refused",
    ),
    ("*", "trust-bundle", "peers below the own root are refused"),
    ("*", "expired", "peers refuse it"),
    ("*", "key-mode", "others can read the key"),
    ("*", "tls-switched-off", "it runs in plain text"),
    (
        "haproxy",
        "misplaced-option",
        "a warning says that the line is ignored",
    ),
    (
        "stunnel",
        "bad-value",
        "`checkIP` is compared as it stands, so that each connection fails",
    ),
];

pub(crate) fn why_silent(program: &str, words: &str) -> Option<&'static str> {
    let mut all = SILENT.iter();
    let (_, _, why) = all.find(|(of, part, _)| is_for(of, program) && words.contains(part))?;
    Some(why)
}

pub(crate) fn why_error(program: &str, code: &str) -> Option<&'static str> {
    let mut all = ERRORS.iter();
    let (_, _, why) = all.find(|(of, it, _)| is_for(of, program) && *it == code)?;
    Some(why)
}

fn is_for(of: &str, program: &str) -> bool {
    ["*", program].contains(&of)
}
