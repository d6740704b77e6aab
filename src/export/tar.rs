//! `tar`: the directory with the modes that it ought to have, and the same octets each time.

use tar::{Builder, EntryType, Header};
use zeroize::Zeroizing;

use super::{ExportError, Exported, Format, KeyUse, Material, Options};

pub(super) const FORMAT: Format = Format {
    name: "tar",
    key: KeyUse::AsFile,
    needs_password: false,
    is_text: false,
    write,
};

/// Octets of a header, and what a file's length is rounded up to.
const BLOCK: usize = 512;
/// Mode of the directory.
const DIRECTORY: u32 = 0o700;

fn write(material: &Material<'_>, _options: &Options<'_>) -> Exported {
    let padded = |file: &super::File| file.content.len().next_multiple_of(BLOCK);
    // In one piece, so that no copy of a key stays behind: a name may take two more blocks, the end takes two.
    let capacity = material
        .files
        .iter()
        .map(|file| padded(file) + 3 * BLOCK)
        .sum::<usize>();
    let mut octets = Zeroizing::new(Vec::with_capacity(capacity + 5 * BLOCK));
    let leaf = material
        .chain
        .first()
        .map(|leaf| leaf.validity().not_before.unix_timestamp());
    let modified = leaf
        .and_then(|seconds| seconds.try_into().ok())
        .unwrap_or(0);
    let mut archive = Builder::new(&mut *octets);
    let directory = format!("{}/", material.name);
    let failed = |error: &dyn std::fmt::Display| ExportError::Failed {
        format: FORMAT.name,
        reason: error.to_string(),
    };
    archive
        .append_data(
            &mut header(EntryType::Directory, DIRECTORY, 0, modified),
            &directory,
            &[][..],
        )
        .map_err(|error| failed(&error))?;
    for file in material.files {
        let mut header = header(
            EntryType::Regular,
            file.mode,
            file.content.len() as u64,
            modified,
        );
        archive
            .append_data(
                &mut header,
                format!("{directory}{}", file.name),
                file.content.as_slice(),
            )
            .map_err(|error| failed(&error))?;
    }
    archive.finish().map_err(|error| failed(&error))?;
    drop(archive);
    Ok(octets)
}

/// Without what differs from machine to machine: owner 0, no names, and the certificate's time.
fn header(kind: EntryType, mode: u32, size: u64, modified: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size);
    header.set_mtime(modified);
    header
}
