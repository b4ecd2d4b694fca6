//! What several tests need: folders that go away, the program, the demo, the watcher that says stop.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of one test that is empty and goes away with it.
pub(crate) struct Temp(pub(crate) PathBuf);

impl Temp {
    /// `name` says whose it is, should it ever be left.
    pub(crate) fn new(name: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = format!("fuwutu-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// With the files of `data/demo` in it.
    pub(crate) fn with_demo(name: &str) -> Self {
        let temp = Self::new(name);
        for entry in demo().read_dir().unwrap().map(Result::unwrap) {
            if entry.path().is_file() {
                fs::copy(
                    entry.path(),
                    temp.path(&entry.file_name().to_string_lossy()),
                )
                .unwrap();
            }
        }
        temp
    }

    /// The path of something in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The same as an argument of a command.
    pub(crate) fn arg(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Writes a file in it.
    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }
}

impl Deref for Temp {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl AsRef<Path> for Temp {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The project's folder, for tests that are wired from any crate.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of the demo.
pub(crate) fn demo() -> PathBuf {
    root().join("data/demo")
}

/// The program, in English.
pub(crate) fn program() -> Command {
    const PATH: Option<&str> = option_env!("CARGO_BIN_EXE_fuwutu");
    let path = PATH.expect("a test that runs the program is wired from crates/cli");
    let mut command = Command::new(path);
    command.env("FUWUTU_LANG", "en");
    command
}

/// Exit code, stdout and stderr.
pub(crate) fn ended(command: &mut Command) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    (
        status.code().unwrap(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}
