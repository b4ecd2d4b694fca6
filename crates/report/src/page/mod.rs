//! `report.html`: the map page, one file with all that it knows, which opens without a network.
//!
//! What the page does is written in TypeScript (`page/`, built into `assets/`); here it gets its data. Nothing of a round becomes
//! part of the page's code or markup: all of it is packed (gzip, base64) and reaches the page as numbers and texts. The page may
//! load and send nothing: its content-security policy lets only this script and this style be.

mod columns;

mod payload;

mod topology;

pub mod types;

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::book::Book;
use crate::change::Change;
use crate::html::sha256;
use crate::xml::escape;

const SCRIPT: &str = include_str!("../../assets/report.js");
const STYLE: &str = include_str!("../../assets/report.css");
const BODY: &str = include_str!("../../assets/body.html");

/// The page of a round, with what changed since another where that is known. The same book gives the same bytes. For a city of 21
/// million: some megabytes. O(n log n) in the points of borders, O(n) in all else.
#[must_use]
pub fn page(book: &Book, change: Option<&Change>) -> String {
    let packed = STANDARD.encode(packed(&payload::payload(book, change)));
    let (script, style) = (sha256(SCRIPT), sha256(STYLE));
    let title = escape(&book.manifest.round);
    format!(
        "<!doctype html>\n<html lang=\"zh\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-{script}'; \
         style-src 'sha256-{style}'; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"fuwutu {version}\">\n\
         <title>{title} · 服务图</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{BODY}\n\
         <script type=\"application/octet-stream\" id=\"data\">{packed}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        version = escape(&book.manifest.version),
    )
}

fn packed(payload: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    // Into memory nothing can fail.
    packer
        .write_all(payload)
        .and_then(|()| packer.finish())
        .expect("memory takes all")
}
