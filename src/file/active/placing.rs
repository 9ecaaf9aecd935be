//! The place of the next byte, and lines that a process which died had begun.

use crate::crash::journal::Place;
use crate::disk::identity::Identity;
use crate::file::active::ActiveFile;

impl ActiveFile {
    /// The place of the next byte in a regular file.
    pub(in crate::file) fn place(&self) -> Option<Place> {
        let open = self.open.as_ref().filter(|open| open.is_regular)?;
        let (device, inode) = open.identity.parts();
        Some(Place { device, inode, offset: open.size })
    }

    /// Takes it that the last write was cut, and ended at this place.
    pub(in crate::file) fn resume(&mut self, place: Place) {
        let identity = Identity::from_parts(place.device, place.inode);
        self.cut = Some((identity, place.offset));
        if let Some(open) = self.open.as_mut().filter(|open| open.identity == identity) {
            // The line is ended by its own rest.
            (open.size, open.is_whole) = (place.offset, true);
        }
    }
}
