//! What lets a style or script be in a page that lets nothing else be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The hash by which a content-security policy names a script or style: SHA-256 in base64.
pub(crate) fn sha256(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}
