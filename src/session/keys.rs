//! Key files of entries and CAs.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Report;
use crate::{
    pki::certificate::Certificate,
    store::{
        Pki, StoreError, entry,
        layout::{Area, Place, file},
    },
};

/// The key file of a CA or entry, and the certificate that it belongs to.
pub(crate) fn key_of(
    pki: &Pki,
    place: &Place,
) -> Result<(PathBuf, Zeroizing<Vec<u8>>, Certificate), Report> {
    let name = &place.name;
    let absent = || {
        let message = format!("the key of `{name}` is not here");
        Report::failed("no-key", message)
    };
    let path = pki.layout().place(place).join(file::KEY);
    if !pki.layout().holds(&path)? {
        return Err(absent());
    }
    if place.area == Area::Authorities {
        let certificate = pki.authority(name)?.certificate;
        let (path, octets) = pki.authority_key_file(name)?;
        return Ok((path, octets, certificate));
    }
    let certificate = entry::certificates(pki.layout(), name)?.into_iter().next();
    let octets = pki.layout().directory().read(&path);
    let octets = octets.map_err(|error| StoreError::io("read", &path, error))?;
    Ok((
        path,
        Zeroizing::new(octets),
        certificate.ok_or_else(absent)?,
    ))
}
