//! What each stage is predicted to gain: two bars where it has both numbers, one where it has one, else its words.

use super::svg::{Anchor, BLUE, Drawing, GREY, SKY, VERMILION};
use crate::execute::{ProgramReport, StageReport};

/// All in pixels.
const LEFT: f64 = 110.0;
const WIDTH: f64 = 400.0;
const BAR: f64 = 14.0;
const ROW: f64 = 58.0;
const TOP: f64 = 70.0;
const TOTAL: f64 = 960.0;

/// Longest line of words, in characters.
const LINE: usize = 130;

/// Bars of the predicted chance of success without and with each stage of one circuit, as SVG.
///
/// What a chance counts differs between stages; [`StageReport`] says how. Stages for which nothing is predicted are listed
/// with what they did.
pub fn stage_bars(report: &ProgramReport) -> String {
    let height = TOP + ROW * report.stages.len() as f64 + 30.0;
    let mut drawing = Drawing::new(TOTAL, height);
    let title = format!("{}: predicted chance of success by stage", report.name);
    drawing.text((LEFT, 24.0), Anchor::Start, &title);
    let legend = [
        (GREY, "without the stage"),
        (BLUE, "with it"),
        (SKY, "with it, but left out"),
        (VERMILION, "with it, and worse"),
    ];
    for (k, (colour, name)) in legend.into_iter().enumerate() {
        let x = LEFT + 170.0 * k as f64;
        drawing.add(format_args!(
            "<rect x=\"{x}\" y=\"38\" width=\"12\" height=\"12\" fill=\"{colour}\"/>"
        ));
        drawing.text((x + 18.0, 48.0), Anchor::Start, name);
    }
    let bottom = height - 24.0;
    for tenths in [0.0, 2.5, 5.0, 7.5, 10.0] {
        let x = LEFT + WIDTH * tenths / 10.0;
        drawing.add(format_args!(
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\" stroke=\"#d5d5d5\"/>"
        ));
        drawing.text(
            (x, bottom + 16.0),
            Anchor::Middle,
            &format!("{:.2}", tenths / 10.0),
        );
    }
    for (row, stage) in report.stages.iter().enumerate() {
        draw(&mut drawing, stage, TOP + ROW * row as f64 + 6.0);
    }
    drawing.finish()
}

fn draw(drawing: &mut Drawing, stage: &StageReport, y: f64) {
    drawing.text((LEFT - 10.0, y + 18.0), Anchor::End, stage.stage);
    let state = if stage.is_on { "on" } else { "off" };
    drawing.text((LEFT - 10.0, y + 34.0), Anchor::End, state);
    let before = stage.success_before.filter(|chance| chance.is_finite());
    let after = stage.success_after.filter(|chance| chance.is_finite());
    let with = match (stage.is_on, before, after) {
        (false, ..) => SKY,
        (true, Some(before), Some(after)) if after < before => VERMILION,
        _ => BLUE,
    };
    let bars = [(before, GREY, "without"), (after, with, "with")];
    let mut below = y;
    for (chance, colour, word) in bars {
        let Some(chance) = chance else { continue };
        let width = WIDTH * chance.clamp(0.0, 1.0);
        let bar = format!(
            "rect class=\"bar\" x=\"{LEFT}\" y=\"{below:.1}\" width=\"{width:.2}\" height=\"{BAR}\" fill=\"{colour}\""
        );
        let number = if chance < 1e-3 {
            format!("{chance:.1e}")
        } else {
            format!("{chance:.4}")
        };
        drawing.shape(
            bar,
            &format!("{} {} the stage: {number}", stage.stage, word),
        );
        drawing.text((LEFT + width + 6.0, below + 11.0), Anchor::Start, &number);
        below += BAR + 2.0;
    }
    let words: String = stage.detail.chars().take(LINE).collect();
    let dots = if words.len() < stage.detail.len() {
        "..."
    } else {
        ""
    };
    drawing.text(
        (LEFT, below + 12.0),
        Anchor::Start,
        &format!("{words}{dots}"),
    );
}

#[cfg(test)]
mod tests {
    use super::super::svg::tests::assert_well_formed;
    use super::*;

    fn stage(before: Option<f64>, after: Option<f64>, detail: &str) -> StageReport {
        StageReport {
            stage: "decoupling",
            is_on: true,
            is_automatic: true,
            detail: detail.to_owned(),
            success_before: before,
            success_after: after,
        }
    }

    fn drawn(stages: Vec<StageReport>) -> String {
        let report = ProgramReport {
            name: "a<b".to_owned(),
            compilation: None,
            stages,
            circuits: 1,
            shots: 1,
        };
        let svg = stage_bars(&report);
        assert_well_formed(&svg);
        svg
    }

    #[test]
    fn there_is_a_bar_for_each_number_and_words_for_each_stage() {
        let svg = drawn(vec![
            stage(Some(0.5), Some(0.75), "both"),
            stage(None, Some(0.25), "one"),
            stage(None, None, "none & more"),
        ]);
        assert_eq!(svg.matches("class=\"bar\"").count(), 3);
        assert!(svg.contains("width=\"200.00\"") && svg.contains("width=\"300.00\""));
        assert!(svg.contains("none &amp; more") && svg.contains("a&lt;b"));
    }

    #[test]
    fn a_stage_that_loses_is_marked_and_long_words_end_in_dots() {
        let long = "ä".repeat(LINE + 1);
        let svg = drawn(vec![stage(Some(0.5), Some(0.4), &long)]);
        assert_eq!(svg.matches(VERMILION).count(), 2); // the legend and the bar
        assert!(svg.contains("ä...") && !svg.contains(&long));
    }
}
