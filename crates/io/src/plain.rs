//! Plain files alone: a pipe, a device or a folder in the place of a file ends at once, instead of waiting for somebody to write to it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

/// A pipe, a device or a folder stands where a file is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no plain file")]
pub struct NotPlain;

impl From<NotPlain> for io::Error {
    fn from(error: NotPlain) -> Self {
        Self::other(error)
    }
}

/// Opens a file to be read; links to files are followed.
///
/// # Errors
/// [`NotPlain`] for anything but a file, and where the system refuses.
pub fn open(path: &Path) -> io::Result<File> {
    // Opening a device may do something, so it is looked at before; and again when it is open, as it may have been exchanged meanwhile.
    plain(&fs::metadata(path)?)?;
    let file = at_once(File::options().read(true), false).open(path)?;
    plain(&file.metadata()?)?;
    Ok(file)
}

/// As [`open`], but follows no link.
pub(crate) fn open_no_link(path: &Path) -> io::Result<File> {
    plain(&fs::symlink_metadata(path)?)?;
    let file = at_once(File::options().read(true), true).open(path)?;
    plain(&file.metadata()?)?;
    Ok(file)
}

/// The text of a file; see [`open`].
///
/// # Errors
/// As [`open`], and where it is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

fn plain(about: &Metadata) -> Result<(), NotPlain> {
    if about.is_file() {
        Ok(())
    } else {
        Err(NotPlain)
    }
}

/// Opens without waiting, as a pipe without a reader or writer would have one do; and no link, where `no_link`.
#[cfg(unix)]
pub(crate) fn at_once(options: &mut OpenOptions, no_link: bool) -> &OpenOptions {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let links = if no_link {
        OFlags::NOFOLLOW
    } else {
        OFlags::empty()
    };
    options.custom_flags((OFlags::NONBLOCK | links).bits().cast_signed())
}

/// Other systems know neither.
#[cfg(not(unix))]
pub(crate) fn at_once(options: &mut OpenOptions, _no_link: bool) -> &OpenOptions {
    options
}
