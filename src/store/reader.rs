//! Files of a PKI directory, and the disk that does not give them: that is no word on what is in them.

use std::{cell::RefCell, io, path::Path};

use rustix::io::Errno;

use super::{
    StoreError,
    directory::is_absence,
    layout::{Layout, file},
};
use crate::pki::{certificate::Certificate, pem};

/// Reads many files for who takes one that is missing or damaged as it is, and keeps the first failure of the disk.
pub(crate) struct Reader<'a> {
    pub(super) layout: &'a Layout,
    failed: RefCell<Option<StoreError>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(layout: &'a Layout) -> Self {
        let failed = RefCell::default();
        Self { layout, failed }
    }

    pub(crate) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let read = self.layout.directory().read(path);
        read.inspect_err(|error| {
            if let Some(code) = of_disk(error) {
                let error = StoreError::io("read", path, io::Error::from_raw_os_error(code));
                self.failed.borrow_mut().get_or_insert(error);
            }
        })
    }

    /// The certificate of the entry or CA in a directory.
    pub(crate) fn leaf(&self, path: &Path) -> Option<Certificate> {
        let octets = self.read(&path.join(file::CERTIFICATE)).ok()?;
        pem::decode_certificates(&octets).ok()?.into_iter().next()
    }

    /// Fails where the disk has.
    pub(crate) fn finish(self) -> Result<(), StoreError> {
        self.failed.into_inner().map_or(Ok(()), Err)
    }
}

/// The number of a failure that says nothing of what lies there: not that there is nothing, or a symlink.
fn of_disk(error: &io::Error) -> Option<i32> {
    let code = error.raw_os_error()?;
    let tells = is_absence(error) || code == Errno::LOOP.raw_os_error();
    (!tells).then_some(code)
}
