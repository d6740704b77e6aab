//! Where a snippet is written while it is made: of fixed size, and wiped, because a secret may be in it.

use zeroize::{Zeroize as _, Zeroizing};

/// No configuration and no program comes near it.
pub(super) const MAX_OCTETS: usize = 1 << 20;

/// What `render` writes into the room that it is given, of which it says what is left; `None` where that
/// is no text.
///
/// Nothing grows on the way, so that no copy stays behind.
pub(in crate::emit) fn text<E>(
    render: impl FnOnce(&mut [u8]) -> (Result<(), E>, usize),
) -> Result<Option<Zeroizing<String>>, E> {
    let mut buffer = vec![0; MAX_OCTETS];
    let (rendered, free) = render(&mut buffer);
    let length = MAX_OCTETS - free;
    let text = rendered.map(|()| {
        let text = str::from_utf8(&buffer[..length]).ok()?;
        Some(Zeroizing::new(text.to_owned()))
    });
    buffer[..length].zeroize();
    text
}
