//! A CA's rotation at work: whom to ask, what was seen of them, who signs, and what is left to do.

pub(crate) mod doubts;
pub(crate) mod greeting;
pub(crate) mod keys;
pub(crate) mod latecomers;
pub(crate) mod outsiders;
pub(crate) mod peers;
pub(crate) mod procedure;
pub(crate) mod seen;
pub(crate) mod signers;
pub(crate) mod switching;

/// So many entries, in words.
pub(crate) fn entries(count: usize) -> String {
    match count {
        1 => String::from("1 entry"),
        count => format!("{count} entries"),
    }
}
