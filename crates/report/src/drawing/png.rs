//! SVG to PNG, with the machine's fonts.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, FaceInfo, ID, Source};
use resvg::usvg::{Node, Options, Tree};

use super::picture::FONTS;
use crate::error::ReportError;
use crate::xml::escape;

/// The fonts of this machine, read once.
#[derive(Debug, Clone)]
pub struct Fonts {
    all: Arc<Database>,
    chinese: bool,
}

impl Fonts {
    /// Reads which fonts the system has: some tens of milliseconds, more where none of the usual Chinese ones is there.
    #[must_use]
    pub fn load() -> Self {
        let mut fonts = Database::new();
        fonts.load_system_fonts();
        Self::of(fonts)
    }

    fn of(mut fonts: Database) -> Self {
        let mut families: Vec<String> = FONTS.split(", ").map(str::to_owned).collect();
        let names = fonts
            .faces()
            .flat_map(|face| &face.families)
            .map(|(name, _)| name.clone());
        let others: BTreeSet<String> = names.collect();
        let any = others.first().cloned();
        families.retain(|family| others.contains(family));
        families.extend(others);
        let chinese = families
            .into_iter()
            .find(|family| draws(&fonts, family, "服"));
        // A text none of whose families is there would not be drawn at all.
        if let Some(family) = chinese.clone().or(any) {
            keep_in_memory(&mut fonts, &family);
            fonts.set_sans_serif_family(family.clone());
            fonts.set_serif_family(family);
        }
        Self {
            all: Arc::new(fonts),
            chinese: chinese.is_some(),
        }
    }

    /// Whether one of them has Chinese characters. Where none has, a PNG shows boxes or nothing in their place, and the user
    /// is to be warned; an SVG is right on any machine with such a font.
    #[must_use]
    pub fn chinese(&self) -> bool {
        self.chinese
    }
}

/// Reads the files of a family once: otherwise each is mapped into memory anew for each character that is drawn.
fn keep_in_memory(fonts: &mut Database, family: &str) {
    let files: BTreeSet<PathBuf> = fonts
        .faces()
        .filter(|face| face.families.iter().any(|(name, _)| name == family))
        .filter_map(file_of)
        .collect();
    for path in files {
        // One that cannot be read stays as it is.
        let Ok(bytes) = fs::read(&path) else { continue };
        let mapped: Vec<ID> = fonts
            .faces()
            .filter(|face| file_of(face).as_ref() == Some(&path))
            .map(|face| face.id)
            .collect();
        mapped.into_iter().for_each(|face| fonts.remove_face(face));
        fonts.load_font_data(bytes);
    }
}

fn file_of(face: &FaceInfo) -> Option<PathBuf> {
    match &face.source {
        Source::File(path) | Source::SharedFile(path, _) => Some(path.clone()),
        Source::Binary(_) => None,
    }
}

/// Whether a family has a shape of its own for each character of a text.
fn draws(fonts: &Database, family: &str, text: &str) -> bool {
    let family = escape(family);
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><text y=\"9\" font-family=\"'{family}'\">{text}</text></svg>"
    );
    let mut options = Options {
        fontdb: Arc::new(fonts.clone()),
        ..Options::default()
    };
    options.font_resolver.select_fallback = Box::new(|_, _, _| None);
    let Ok(tree) = Tree::from_str(&svg, &options) else {
        return false;
    };
    let Some(Node::Text(drawn)) = tree.root().children().first() else {
        return false;
    };
    let mut glyphs = drawn
        .layouted()
        .iter()
        .flat_map(|span| &span.positioned_glyphs)
        .peekable();
    glyphs.peek().is_some() && glyphs.all(|glyph| glyph.id.0 != 0)
}

/// A picture of its own size × `scale` on white, as PNG. Equal pictures and fonts give equal bytes.
///
/// Nothing but the picture is read: no file that it may name.
///
/// # Errors
/// Where it is no SVG, or more than a machine can hold at this scale.
pub fn png(svg: &str, fonts: &Fonts, scale: f32) -> Result<Vec<u8>, ReportError> {
    let failed = |message: String| ReportError::Picture { message };
    let mut options = Options {
        fontdb: Arc::clone(&fonts.all),
        ..Options::default()
    };
    options.image_href_resolver.resolve_string = Box::new(|_, _| None);
    let tree = Tree::from_str(svg, &options).map_err(|error| failed(error.to_string()))?;
    let size = tree.size().to_int_size().scale_by(scale);
    let size = size.ok_or_else(|| failed(format!("a scale of {scale}")))?;
    let pixels = Pixmap::new(size.width(), size.height());
    let mut pixels =
        pixels.ok_or_else(|| failed(format!("{} × {} pixels", size.width(), size.height())))?;
    pixels.fill(Color::WHITE);
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    encoded(&pixels).map_err(|error| failed(error.to_string()))
}

/// Opaque pixels in colours, quickly: trying harder takes longer than all the drawing, and makes files a little smaller.
fn encoded(pixels: &Pixmap) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Up);
    let colors: Vec<u8> = pixels
        .data()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colors)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_its_size_times_the_scale() {
        let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\"><rect width=\"20\" height=\"10\"/></svg>";
        let fonts = Fonts::of(Database::new());
        let bytes = png(svg, &fonts, 2.0).unwrap();
        let drawn = Pixmap::decode_png(&bytes).unwrap();
        assert_eq!((drawn.width(), drawn.height()), (40, 20));
        assert!(png("no picture", &fonts, 1.0).is_err());
        assert!(png(svg, &fonts, 1e9).is_err());
    }

    #[test]
    fn a_machine_without_fonts_has_no_chinese_ones() {
        assert!(!Fonts::of(Database::new()).chinese());
    }
}
