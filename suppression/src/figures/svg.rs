//! What the pictures share: the frame, texts, and colours for numbers.

use std::fmt::{Display, Write};

/// Colours that differ for all kinds of colour vision (Okabe and Ito 2008).
pub(super) const BLUE: &str = "#0072b2";
pub(super) const SKY: &str = "#56b4e9";
pub(super) const VERMILION: &str = "#d55e00";
pub(super) const GREY: &str = "#999999";
pub(super) const INK: &str = "#333333";

/// From small to large errors.
const RAMP: [[f64; 3]; 4] = [
    [86.0, 180.0, 233.0],
    [240.0, 228.0, 66.0],
    [230.0, 159.0, 0.0],
    [148.0, 40.0, 0.0],
];

/// Where a text begins, has its middle, or ends.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing of a size in pixels, on white ground.
pub(super) struct Drawing(String);

impl Drawing {
    pub(super) fn new(width: f64, height: f64) -> Self {
        Self(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
             font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        ))
    }

    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{INK}\">{}</text>",
            escaped(text)
        ));
    }

    /// A shape, such as `circle cx="1"`, with a text under the pointer.
    pub(super) fn shape(&mut self, shape: impl Display, title: &str) {
        let name = shape.to_string();
        let tag = name.split(' ').next().unwrap_or_default().to_owned();
        self.add(format_args!(
            "<{name}><title>{}</title></{tag}>",
            escaped(title)
        ));
    }

    pub(super) fn add(&mut self, element: impl Display) {
        let _ = writeln!(self.0, "{element}");
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push_str("</svg>\n");
        self.0
    }
}

/// Errors to colours, on a logarithmic scale.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Scale {
    /// The range of those errors that are above 0; `None` where there are none.
    pub(super) fn of(errors: impl Iterator<Item = f64>) -> Option<Self> {
        let known = errors.filter(|error| error.is_finite() && *error > 0.0);
        known.fold(None, |scale: Option<Self>, error| {
            let scale = scale.unwrap_or(Self {
                least: error,
                most: error,
            });
            Some(Self {
                least: scale.least.min(error),
                most: scale.most.max(error),
            })
        })
    }

    pub(super) fn colour(self, error: f64) -> String {
        let span = (self.most / self.least).ln();
        let place = if span > 0.0 && error > 0.0 {
            ((error / self.least).ln() / span).clamp(0.0, 1.0)
        } else {
            0.0
        };
        ramp(place)
    }

    /// A bar with the colours and the errors at its ends.
    pub(super) fn legend(self, drawing: &mut Drawing, (x, y): (f64, f64), name: &str) {
        const STEPS: usize = 40;
        const STEP: f64 = 4.0;
        drawing.text((x, y - 6.0), Anchor::Start, name);
        for step in 0..STEPS {
            drawing.add(format_args!(
                "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"10\" fill=\"{}\"/>",
                x + STEP * step as f64,
                STEP + 0.5,
                ramp(step as f64 / (STEPS - 1) as f64)
            ));
        }
        let ends = [
            (0.0, Anchor::Start, self.least),
            (STEP * STEPS as f64, Anchor::End, self.most),
        ];
        for (right, anchor, error) in ends {
            drawing.text((x + right, y + 24.0), anchor, &format!("{error:.1e}"));
        }
    }
}

fn ramp(place: f64) -> String {
    let scaled = place.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let first = (scaled as usize).min(RAMP.len() - 2);
    let part = scaled - first as f64;
    let mut out = "#".to_owned();
    for (from, to) in RAMP[first].iter().zip(RAMP[first + 1]) {
        let _ = write!(out, "{:02x}", (from + part * (to - from)).round() as u8);
    }
    out
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Every tag that opens closes again in the right order, and there are no stray characters of markup.
    pub(in super::super) fn assert_well_formed(svg: &str) {
        let mut open = Vec::new();
        let mut rest = svg;
        while let Some(start) = rest.find('<') {
            assert!(!rest[..start].contains('>'), "stray '>'");
            let end = start + rest[start..].find('>').expect("a tag ends");
            let tag = &rest[start + 1..end];
            assert!(!tag.contains('<'), "stray '<' in {tag}");
            assert_eq!(tag.matches('"').count() % 2, 0, "quotes of {tag}");
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name), "tags nest");
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap_or_default());
            }
            rest = &rest[end + 1..];
        }
        assert!(open.is_empty(), "{open:?} stay open");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        for number in ["NaN", "inf\""] {
            assert!(!svg.contains(number), "a place that is no number");
        }
    }

    #[test]
    fn the_scale_goes_from_the_least_error_to_the_largest() {
        let scale = Scale::of([0.0, 1e-3, 1e-1, 1e-2].into_iter()).unwrap();
        assert_eq!((scale.least, scale.most), (1e-3, 1e-1));
        assert_eq!(scale.colour(1e-3), "#56b4e9");
        assert_eq!(scale.colour(1e-1), "#942800");
        assert_eq!(scale.colour(0.9), "#942800");
        assert_ne!(scale.colour(1e-2), scale.colour(1e-3));
        assert!(Scale::of([0.0].into_iter()).is_none());
    }

    #[test]
    fn markup_in_texts_is_escaped() {
        let mut drawing = Drawing::new(10.0, 10.0);
        drawing.text((0.0, 0.0), Anchor::Start, "<script>\"&");
        let svg = drawing.finish();
        assert_well_formed(&svg);
        assert!(svg.contains("&lt;script&gt;&quot;&amp;"));
    }
}
