//! The few SVG elements that pictures are made of. Texts are escaped here and nowhere else; no `style`, which a strict page forbids.

use std::fmt::Write;

use geo::Coord;

use super::plane::px;
use crate::text;
use crate::xml::escape;

/// Families that have Chinese characters, on one system or another.
pub(super) const FONTS: &str = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei, SimHei, sans-serif";

/// Texts and lines.
pub(super) const INK: &str = "#24323d";
/// Texts that matter less.
pub(super) const PALE: &str = "#566570";

/// A picture that is being drawn.
#[derive(Debug, Default)]
pub(super) struct Picture {
    out: String,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Type {
    /// Size in pixels.
    pub(super) size: f64,
    /// `start`, `middle` or `end`.
    pub(super) anchor: &'static str,
    /// Whether it is heavy.
    pub(super) bold: bool,
    /// Its colour.
    pub(super) colour: &'static str,
    /// Whether it has a light edge that parts it from the map under it.
    pub(super) haloed: bool,
}

impl Type {
    /// Plain, from its left end.
    pub(super) const fn plain(size: f64) -> Self {
        Self {
            size,
            anchor: "start",
            bold: false,
            colour: INK,
            haloed: false,
        }
    }

    pub(super) const fn anchor(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn pale(self) -> Self {
        Self {
            colour: PALE,
            ..self
        }
    }

    pub(super) const fn haloed(self) -> Self {
        Self {
            haloed: true,
            ..self
        }
    }
}

impl Picture {
    /// Adds elements as they are.
    pub(super) fn raw(&mut self, elements: &str) {
        self.out.push_str(elements);
    }

    /// Adds a text of at most `room` pixels with its baseline at `place`.
    pub(super) fn text(&mut self, place: Coord, kind: Type, room: f64, words: &str) {
        let weight = if kind.bold {
            " font-weight=\"700\""
        } else {
            ""
        };
        let halo = if kind.haloed {
            " stroke=\"#fff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        } else {
            ""
        };
        let anchor = if kind.anchor == "start" {
            String::new()
        } else {
            format!(" text-anchor=\"{}\"", kind.anchor)
        };
        let _ = writeln!(
            self.out,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{weight}{anchor}{halo}>{}</text>",
            px(place.x),
            px(place.y),
            px(kind.size),
            kind.colour,
            text::caption(words, room / kind.size),
        );
    }

    /// Adds a path with these attributes; nothing for a path without data.
    pub(super) fn path(&mut self, data: &str, attributes: &str) {
        if !data.is_empty() {
            let _ = writeln!(self.out, "<path d=\"{data}\" {attributes}/>");
        }
    }

    /// Adds a rectangle with these attributes.
    pub(super) fn rect(&mut self, corner: Coord, width: f64, height: f64, attributes: &str) {
        let _ = writeln!(
            self.out,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {attributes}/>",
            px(corner.x),
            px(corner.y),
            px(width),
            px(height)
        );
    }

    /// Adds what is defined under `id`, at this place.
    pub(super) fn mark(&mut self, id: &str, place: Coord) {
        let _ = writeln!(
            self.out,
            "<use href=\"#{id}\" x=\"{}\" y=\"{}\"/>",
            px(place.x),
            px(place.y)
        );
    }

    /// The picture, whole, of this size in pixels.
    pub(super) fn finish(self, width: u32, height: u32, title: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             font-family=\"{FONTS}\" role=\"img\"><title>{}</title>\n{}</svg>\n",
            escape(title),
            self.out
        )
    }
}
