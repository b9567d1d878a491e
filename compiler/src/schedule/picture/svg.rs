//! The timeline as SVG: no script, no font but the reader's, readable on light and dark ground.

use std::fmt::Write;

use super::text::{length, time};
use super::{Kind, Mark, Picture};

/// All in pixels.
const ROW: f64 = 24.0;
const BAR: f64 = 16.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 40.0;
const WIDTH: f64 = 1200.0;
/// The narrowest that a bar is drawn, so that a pulse in a long circuit is still seen.
const NARROWEST: f64 = 1.5;

const KINDS: [(Kind, &str); 6] = [
    (Kind::OneQubit, "gate on one qubit"),
    (Kind::TwoQubit, "gate on two qubits"),
    (Kind::Pulse, "decoupling pulse"),
    (Kind::Measure, "measurement"),
    (Kind::Reset, "reset"),
    (Kind::ControlFlow, "control flow"),
];

pub(super) fn draw(picture: &Picture) -> String {
    let height = TOP + ROW * picture.qubits.len() as f64 + 30.0;
    let scale = WIDTH / picture.total.max(1) as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        LEFT + WIDTH + 20.0,
    );
    legend(&mut out, picture);
    for (row, &qubit) in picture.qubits.iter().enumerate() {
        let middle = middle(row);
        let (first, last) = picture.spans[row];
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#333333\">q{qubit}</text>",
            LEFT - 8.0,
            middle + 4.0
        );
        line(
            &mut out,
            (LEFT, LEFT + WIDTH),
            middle,
            "#d5d5d5\" stroke-dasharray=\"2 4",
        );
        if first < last {
            let ends = (LEFT + first as f64 * scale, LEFT + last as f64 * scale);
            line(&mut out, ends, middle, "#9aa0a6");
        }
    }
    for mark in &picture.marks {
        bar(&mut out, mark, scale, picture.tick);
    }
    axis(&mut out, picture, height);
    out.push_str("</svg>\n");
    out
}

fn middle(row: usize) -> f64 {
    TOP + ROW * (row as f64 + 0.5)
}

fn line(out: &mut String, (from, to): (f64, f64), y: f64, stroke: &str) {
    let _ = writeln!(
        out,
        "<line x1=\"{from:.2}\" y1=\"{y}\" x2=\"{to:.2}\" y2=\"{y}\" stroke=\"{stroke}\"/>"
    );
}

fn colour(kind: Kind) -> &'static str {
    // Colours that differ for all kinds of colour vision (Okabe and Ito 2008).
    match kind {
        Kind::Pulse => "#d55e00",
        Kind::OneQubit => "#56b4e9",
        Kind::TwoQubit => "#0072b2",
        Kind::Measure => "#009e73",
        Kind::Reset => "#cc79a7",
        Kind::ControlFlow => "#e69f00",
        Kind::Virtual => "#999999",
    }
}

fn bar(out: &mut String, mark: &Mark, scale: f64, tick: f64) {
    let x = LEFT + mark.start as f64 * scale;
    let width = (mark.ticks as f64 * scale).max(NARROWEST);
    let (Some(&top), Some(&bottom)) = (mark.rows.first(), mark.rows.last()) else {
        return;
    };
    let fill = colour(mark.kind);
    let _ = write!(
        out,
        "<g><title>{} at {}, {}</title>",
        escaped(&mark.name),
        time(mark.start as f64 * tick),
        time(mark.ticks as f64 * tick)
    );
    if bottom > top {
        let centre = x + width / 2.0;
        let _ = write!(
            out,
            "<line x1=\"{centre:.2}\" y1=\"{}\" x2=\"{centre:.2}\" y2=\"{}\" stroke=\"{fill}\"/>",
            middle(top),
            middle(bottom)
        );
    }
    let (x, width, height) = match mark.kind {
        Kind::Virtual => (x - 0.25, 0.5, BAR / 2.0),
        _ => (x, width, BAR),
    };
    for &row in &mark.rows {
        let _ = write!(
            out,
            "<rect x=\"{x:.2}\" y=\"{:.1}\" width=\"{width:.2}\" height=\"{height}\" fill=\"{fill}\"/>",
            middle(row) - height / 2.0
        );
    }
    out.push_str("</g>\n");
}

fn legend(out: &mut String, picture: &Picture) {
    let mut x = LEFT;
    for (kind, name) in KINDS {
        if !picture.marks.iter().any(|mark| mark.kind == kind) {
            continue;
        }
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"12\" width=\"12\" height=\"12\" fill=\"{}\"/><text x=\"{}\" y=\"22\" \
             fill=\"#333333\">{name}</text>",
            colour(kind),
            x + 18.0
        );
        x += 34.0 + 7.0 * name.len() as f64;
    }
}

fn axis(out: &mut String, picture: &Picture, height: f64) {
    let y = height - 10.0;
    let _ = writeln!(
        out,
        "<text x=\"{LEFT}\" y=\"{y}\" fill=\"#333333\">0</text><text x=\"{}\" y=\"{y}\" text-anchor=\"end\" \
         fill=\"#333333\">{}</text>",
        LEFT + WIDTH,
        length(picture)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
