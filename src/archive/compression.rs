//! Compression of one archive with gzip or zstd.
//!
//! Content goes through fixed buffers, so that memory does not grow with files. `replacement` has the steps around it,
//! which make it safe against crashes.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write};
use std::path::Path;

use flate2::GzBuilder;
use flate2::read::MultiGzDecoder;

use crate::archive::replacement::{Outcome, Pair, Replacement, Start, start};
use crate::config::archive::Compression;
use crate::error::{Error, Result};
use crate::sys::metadata::modified;
use crate::sys::paths::bytes_of;

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;

/// The largest window, as a power of two. The levels above 19 would take several times the memory for it, and so would
/// readers.
const LARGEST_WINDOW: u32 = 23;

/// Compresses an archive, or finishes a compression that a crash interrupted. Formats that only Python has are not
/// handled here.
pub fn compress(path: &Path, how: Compression) -> Result<Outcome> {
    let Some(suffix) = how.suffix() else { return Ok(Outcome::Done) };
    match start(path, suffix)? {
        Start::New(replacement) => fill(replacement, how),
        Start::Pair(pair) => settle(pair, how),
        Start::Not(outcome) => Ok(outcome),
    }
}

fn fill(replacement: Replacement, how: Compression) -> Result<Outcome> {
    let claim = replacement.claim();
    let source = claim.file().take(claim.found().len());
    match put(source, replacement.output(), how, claim.path(), claim.found()) {
        Ok(()) => replacement.finish(),
        // A file that was truncated during compression does not have the promised length.
        Err(_) if !claim.is_unchanged() => Ok(Outcome::Busy),
        Err(error) => Err(Error::file(claim.path(), error)),
    }
}

fn settle(pair: Pair, how: Compression) -> Result<Outcome> {
    let claim = pair.claim();
    let is_same = match how {
        Compression::Gzip(_) => is_same(claim.file(), MultiGzDecoder::new(pair.compressed())),
        Compression::Zstd(_) => {
            zstd::Decoder::new(pair.compressed()).and_then(|content| is_same(claim.file(), content))
        }
        Compression::Python { .. } => Err(io::ErrorKind::Unsupported.into()),
    };
    let is_same = is_same.map_err(|error| Error::file(claim.path(), error))?;
    pair.settle(is_same)
}

/// Writes `source` compressed. A gzip header names the file and its time.
fn put(mut source: impl Read, output: &File, how: Compression, path: &Path, found: &Metadata) -> io::Result<()> {
    match how {
        Compression::Gzip(level) => {
            let header = GzBuilder::new()
                .filename(bytes_of(path.file_name().unwrap_or_default()))
                .mtime(u32::try_from(modified(found).0).unwrap_or(0));
            let mut encoder = header.write(output, flate2::Compression::new(level));
            copy(&mut source, &mut encoder)?;
            encoder.finish()?;
        }
        Compression::Zstd(level) => {
            let mut encoder = zstd::Encoder::new(output, level)?;
            encoder.include_checksum(true)?;
            encoder.include_contentsize(true)?;
            // A known length also makes small files take small tables.
            encoder.set_pledged_src_size(Some(found.len()))?;
            if level > 19 {
                encoder.window_log(LARGEST_WINDOW)?;
            }
            copy(&mut source, &mut encoder)?;
            encoder.finish()?;
        }
        Compression::Python { .. } => return Err(io::ErrorKind::Unsupported.into()),
    }
    Ok(())
}

fn copy(source: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(length) => output.write_all(&chunk[..length])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether both give the same bytes. Torn or invalid compressed data is never the same.
fn is_same(mut original: impl Read, mut content: impl Read) -> io::Result<bool> {
    let (mut expected, mut found) = (vec![0; CHUNK], vec![0; CHUNK]);
    loop {
        let length = read_full(&mut original, &mut expected)?;
        // One extra byte detects content that is longer.
        let wanted = if length == 0 { 1 } else { length };
        match read_full(&mut content, &mut found[..wanted]) {
            Ok(got) if got == length && found[..got] == expected[..length] => {}
            _ => return Ok(false),
        }
        if length == 0 {
            return Ok(true);
        }
    }
}

/// Reads until the buffer is full or the source ends.
fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::{Duration, SystemTime};

    use crate::disk::folder_lock::FolderLock;
    use crate::disk::scratch::Scratch;
    use crate::sys::locks;
    use crate::sys::metadata::{mode, set_mode};
    use crate::sys::names::symlink;

    use super::*;

    const BOTH: [Compression; 2] = [Compression::Gzip(6), Compression::Zstd(3)];

    /// A folder of its own with one archive in it.
    struct Folder(Scratch);

    impl Folder {
        fn new(content: &[u8]) -> Self {
            let folder = Self(Scratch::new());
            fs::write(folder.archive(), content).expect("done");
            folder
        }

        fn archive(&self) -> PathBuf {
            self.0.path("app.2025-01-14.log")
        }

        fn compressed(&self, how: Compression) -> PathBuf {
            self.0.path(&format!("app.2025-01-14.log.{}", how.suffix().expect("done")))
        }

        fn temporary(&self, how: Compression) -> PathBuf {
            self.0.path(&format!(".app.2025-01-14.log.{}.tmp", how.suffix().expect("done")))
        }

        fn names(&self) -> Vec<String> {
            self.0.names()
        }
    }

    fn content() -> Vec<u8> {
        (0..40_000).flat_map(|number| format!("line {number}\n").into_bytes()).collect()
    }

    fn read_back(path: &Path, how: Compression) -> Vec<u8> {
        let file = File::open(path).expect("done");
        let mut content = Vec::new();
        match how {
            Compression::Gzip(_) => MultiGzDecoder::new(file).read_to_end(&mut content).expect("done"),
            _ => zstd::Decoder::new(file).expect("done").read_to_end(&mut content).expect("done"),
        };
        content
    }

    #[test]
    fn content_is_the_same_at_every_level() {
        let gzip = [1, 6, 9].map(Compression::Gzip);
        let zstd = [1, 3, 19, 22].map(Compression::Zstd);
        for how in gzip.into_iter().chain(zstd) {
            let folder = Folder::new(&content());

            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done, "{how:?}");

            assert_eq!(read_back(&folder.compressed(how), how), content(), "{how:?}");
            assert_eq!(folder.names().len(), 1, "{how:?}");
        }
    }

    #[test]
    fn an_empty_archive_is_compressed_too() {
        for how in BOTH {
            let folder = Folder::new(b"");

            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done);

            assert_eq!(read_back(&folder.compressed(how), how), b"");
        }
    }

    #[test]
    fn mode_and_time_are_kept() {
        for how in BOTH {
            let folder = Folder::new(&content());
            let modified = SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
            assert!(set_mode(&File::open(folder.archive()).expect("done"), 0o640));
            File::open(folder.archive()).expect("done").set_modified(modified).expect("done");

            compress(&folder.archive(), how).expect("done");

            let found = fs::metadata(folder.compressed(how)).expect("done");
            assert_eq!(mode(&found), 0o640);
            assert_eq!(found.modified().expect("done"), modified);
        }
    }

    #[test]
    fn zstd_frame_has_its_length_and_a_checksum() {
        let how = Compression::Zstd(3);
        let folder = Folder::new(&content());

        compress(&folder.archive(), how).expect("done");

        let frame = fs::read(folder.compressed(how)).expect("done");
        assert_eq!(zstd::zstd_safe::get_frame_content_size(&frame).expect("done"), Some(content().len() as u64));
        assert_eq!(frame[4] & 0b100, 0b100, "RFC 8878, 3.1.1.1.1: the checksum flag");
    }

    #[test]
    fn a_leftover_in_the_making_is_begun_anew() {
        for how in BOTH {
            let folder = Folder::new(&content());
            fs::write(folder.temporary(how), b"torn").expect("done");

            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done);

            assert_eq!(read_back(&folder.compressed(how), how), content());
            assert_eq!(folder.names().len(), 1);
        }
    }

    #[test]
    fn a_leftover_pair_of_the_same_content_loses_its_original() {
        for how in BOTH {
            let folder = Folder::new(&content());
            compress(&folder.archive(), how).expect("done");
            fs::write(folder.archive(), content()).expect("done");

            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done);

            assert_eq!(folder.names().len(), 1);
            assert_eq!(read_back(&folder.compressed(how), how), content());
        }
    }

    #[test]
    fn a_pair_of_other_content_stays_as_it_is() {
        let shorter = content()[..content().len() - 1].to_vec();
        let longer = [content(), b"more".to_vec()].concat();
        let changed = [b"X".to_vec(), content()[1..].to_vec()].concat();
        for (how, original) in BOTH.into_iter().flat_map(|how| [&shorter, &longer, &changed].map(|text| (how, text))) {
            let folder = Folder::new(&content());
            compress(&folder.archive(), how).expect("done");
            fs::write(folder.archive(), original).expect("done");

            let error = compress(&folder.archive(), how).unwrap_err();

            let said =
                format!("{}: exists, and is not app.2025-01-14.log compressed", folder.compressed(how).display());
            assert!(error.to_string().starts_with(&said), "{error}");
            assert_eq!(fs::read(folder.archive()).expect("done"), *original);
            assert_eq!(read_back(&folder.compressed(how), how), content());
        }
    }

    #[test]
    fn a_torn_compressed_file_costs_no_original() {
        for how in BOTH {
            let folder = Folder::new(&content());
            compress(&folder.archive(), how).expect("done");
            let whole = fs::read(folder.compressed(how)).expect("done");
            fs::write(folder.compressed(how), &whole[..whole.len() - 5]).expect("done");
            fs::write(folder.archive(), content()).expect("done");

            assert!(compress(&folder.archive(), how).is_err());

            assert_eq!(fs::read(folder.archive()).expect("done"), content());
            assert_eq!(folder.names().len(), 2);
        }
    }

    #[test]
    fn a_link_planted_at_a_name_is_never_followed() {
        for how in BOTH {
            let folder = Folder::new(&content());
            let victim = folder.0.path("victim");
            fs::write(&victim, b"precious").expect("done");
            symlink(&victim, folder.temporary(how)).expect("done");
            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done);
            fs::write(folder.archive(), content()).expect("done");
            fs::remove_file(folder.compressed(how)).expect("done");
            symlink(&victim, folder.compressed(how)).expect("done");

            assert!(compress(&folder.archive(), how).is_err());

            assert_eq!(fs::read(&victim).expect("done"), b"precious");
            assert_eq!(fs::read(folder.archive()).expect("done"), content());
        }
    }

    #[test]
    fn a_link_in_the_place_of_an_archive_is_no_archive() {
        let folder = Folder::new(b"");
        let victim = folder.0.path("victim");
        fs::rename(folder.archive(), &victim).expect("done");
        symlink(&victim, folder.archive()).expect("done");

        assert!(compress(&folder.archive(), Compression::Gzip(6)).is_err());

        assert_eq!(folder.names(), ["app.2025-01-14.log", "victim"]);
    }

    #[test]
    fn an_archive_somebody_holds_is_left_for_later() {
        let folder = Folder::new(&content());
        let held = File::open(folder.archive()).expect("done");
        locks::try_lock(&held).expect("done");

        assert_eq!(compress(&folder.archive(), Compression::Zstd(3)).expect("done"), Outcome::Busy);
        locks::unlock(&held).expect("done");

        assert_eq!(compress(&folder.archive(), Compression::Zstd(3)).expect("done"), Outcome::Done);
    }

    #[test]
    fn an_archive_is_left_for_later_while_somebody_writes_without_its_lock() {
        for how in BOTH {
            let folder = Folder::new(&content());
            let writer = FolderLock::together(&folder.archive(), Duration::ZERO);

            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Busy);
            drop(writer);

            assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done);
        }
    }

    #[test]
    fn an_archive_stays_that_somebody_writes_to_when_it_is_to_go() {
        let how = Compression::Gzip(6);
        let folder = Folder::new(&content());
        let Start::New(replacement) = start(&folder.archive(), "gz").expect("done") else {
            panic!("expected a new file")
        };
        let writer = FolderLock::together(&folder.archive(), Duration::ZERO);

        assert_eq!(fill(replacement, how).expect("done"), Outcome::Busy);
        assert_eq!(folder.names(), ["app.2025-01-14.log"]);
        drop(writer);

        assert_eq!(compress(&folder.archive(), how).expect("done"), Outcome::Done);
        assert_eq!(read_back(&folder.compressed(how), how), content());
    }

    #[test]
    fn an_archive_that_is_gone_is_no_error() {
        let folder = Folder::new(b"");

        assert_eq!(compress(&folder.0.path("other"), Compression::Gzip(1)).expect("done"), Outcome::Gone);
    }

    #[test]
    fn an_error_names_the_path_and_costs_nothing() {
        for how in BOTH {
            let folder = Folder::new(&content());
            // A folder blocks root as well; permissions would not.
            fs::create_dir(folder.temporary(how)).expect("done");

            let error = compress(&folder.archive(), how).unwrap_err();

            assert!(error.to_string().starts_with(&folder.temporary(how).display().to_string()), "{error}");
            assert_eq!(fs::read(folder.archive()).expect("done"), content());
        }
    }

    #[test]
    fn what_grows_meanwhile_is_left_for_later() {
        let folder = Folder::new(&content());
        let Start::New(replacement) = start(&folder.archive(), "gz").expect("done") else {
            panic!("expected a new file")
        };
        let mut late = fs::OpenOptions::new().append(true).open(folder.archive()).expect("done");
        late.write_all(b"late\n").expect("done");

        assert_eq!(fill(replacement, Compression::Gzip(6)).expect("done"), Outcome::Busy);

        assert_eq!(folder.names(), ["app.2025-01-14.log"]);
        assert!(fs::read(folder.archive()).expect("done").ends_with(b"late\n"));
    }
}
