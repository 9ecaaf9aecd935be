//! The link that leads to the newest of files with a time in their name.

use std::path::Path;

/// Has the link lead to a file. It is a convenience: a folder that takes no links has none.
pub fn link(link: &Path, file: &Path) {
    let mut draft = link.as_os_str().to_owned();
    draft.push(format!(".{}.tmp", std::process::id()));
    let is_beside = link.parent() == file.parent();
    let target = file.file_name().filter(|_| is_beside).map_or(file, Path::new);
    // A leftover of a process that had our number; a link is removed, never followed.
    let _ = std::fs::remove_file(&draft);
    let is_replaceable = std::fs::symlink_metadata(link).map_or(true, |found| found.is_symlink());
    let linked = std::os::unix::fs::symlink(target, &draft);
    if is_replaceable && linked.is_ok() {
        let _ = std::fs::rename(&draft, link);
    } else {
        let _ = std::fs::remove_file(&draft);
    }
}
