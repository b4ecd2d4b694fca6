//! A result that goes to a file of its own or, as `-`, to stdout.

use std::io::Write;
use std::path::{Path, PathBuf};

use fuwutu_io::write::{FolderError, OutFile};

use crate::show::Printer;

/// Where a result goes.
pub(crate) enum Target {
    Stdout,
    File(Box<OutFile>),
}

impl Target {
    /// Makes sure before the long run that the file may be written.
    pub(crate) fn prepare(out: &Path, overwrite: bool) -> anyhow::Result<Self> {
        if out == Path::new("-") {
            return Ok(Self::Stdout);
        }
        Ok(Self::File(Box::new(OutFile::prepare(out, overwrite)?)))
    }

    /// Makes sure that the result replaces none of the files that are read.
    pub(crate) fn spare(&self, files: &[PathBuf]) -> anyhow::Result<()> {
        match self {
            Self::Stdout => Ok(()),
            Self::File(file) => Ok(file.spare(files)?),
        }
    }

    /// Whether the result is printed, so that nothing else may be.
    pub(crate) fn printed(&self) -> bool {
        matches!(self, Self::Stdout)
    }

    /// Writes a text.
    pub(crate) fn put(self, text: &str) -> anyhow::Result<()> {
        self.write(|to| to.write_all(text.as_bytes()))
    }

    /// Writes what `write` writes.
    pub(crate) fn write<T, E: Into<anyhow::Error>>(
        self,
        write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> anyhow::Result<T> {
        match self {
            Self::Stdout => {
                let mut printer = Printer::new();
                let result = write(&mut printer).map_err(Into::into)?;
                printer.flush()?;
                Ok(result)
            }
            Self::File(mut file) => {
                let result = write(file.writer());
                let result = result.map_err(|error| named(error.into(), file.wanted()))?;
                file.finish()?;
                Ok(result)
            }
        }
    }
}

/// What the system refuses, with the file that it was about.
fn named(error: anyhow::Error, file: &Path) -> anyhow::Error {
    let refused = match error.downcast() {
        Ok(fuwutu_run::Error::Stream(source)) => Ok(source),
        Ok(other) => Err(other.into()),
        Err(error) => error.downcast(),
    };
    match refused {
        Ok(source) => FolderError::Io {
            path: file.to_owned(),
            source,
        }
        .into(),
        Err(error) => error,
    }
}
