//! The device as a map: couplings coloured by the error of their two-qubit gate, qubits by the error of their readout.
//!
//! Dead couplings are dashed, dead qubits crossed out, the qubits of a layout ringed.

use std::f64::consts::TAU;

use ardea_circuit::Qubit;
use ardea_device::Target;

use super::svg::{Anchor, Drawing, GREY, INK, Scale};

/// All in pixels.
const STEP: f64 = 44.0;
const RADIUS: f64 = 11.0;
const MARGIN: f64 = 30.0;
const HEAD: f64 = 84.0;
const NARROWEST: f64 = 680.0;

/// The coupling map of a device with its errors, as SVG. Qubits stand where the device says; where it does not, on a circle.
///
/// `layout` names the qubits to ring, such as those of a compiled circuit. A coupling or qubit tells its error under the
/// pointer.
pub fn error_map(target: &Target, layout: Option<&[Qubit]>) -> String {
    let places = places(target);
    let right = places.iter().map(|place| place.0).fold(0.0, f64::max);
    let bottom = places.iter().map(|place| place.1).fold(HEAD, f64::max);
    let mut drawing = Drawing::new((right + MARGIN).max(NARROWEST), bottom + MARGIN);
    let gates = Scale::of(
        target
            .edges()
            .filter_map(|(a, b)| target.two_qubit_error(a, b)),
    );
    let live = || target.qubits().filter(|&qubit| target.is_live(qubit));
    let readout = Scale::of(live().map(|qubit| target.measure(qubit).error));
    head(&mut drawing, target, gates, readout, layout.is_some());
    for (a, b) in target.dead_edges() {
        let colour = format!("{GREY}\" stroke-dasharray=\"3 3");
        let title = format!("q{}, q{}: out of order", a.index(), b.index());
        line(
            &mut drawing,
            [places[a.index()], places[b.index()]],
            &colour,
            &title,
        );
    }
    for (a, b) in target.edges() {
        let error = target.two_qubit_error(a, b);
        let colour = colour(gates, error);
        let title = format!("q{}, q{}: {}", a.index(), b.index(), said(error));
        line(
            &mut drawing,
            [places[a.index()], places[b.index()]],
            &colour,
            &title,
        );
    }
    for qubit in target.qubits() {
        let is_chosen = layout.is_some_and(|layout| layout.contains(&qubit));
        mark(
            &mut drawing,
            target,
            qubit,
            places[qubit.index()],
            readout,
            is_chosen,
        );
    }
    drawing.finish()
}

fn mark(
    drawing: &mut Drawing,
    target: &Target,
    qubit: Qubit,
    (x, y): (f64, f64),
    scale: Option<Scale>,
    is_chosen: bool,
) {
    let number = qubit.index();
    if is_chosen {
        drawing.add(format_args!(
            "<circle class=\"chosen\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"none\" stroke=\"#000000\" \
             stroke-width=\"3\"/>",
            RADIUS + 4.0
        ));
    }
    let is_live = target.is_live(qubit);
    let error = target.measure(qubit).error;
    let (fill, title) = if is_live {
        let colour = colour(scale, Some(error));
        (colour, format!("q{number}: readout {}", said(Some(error))))
    } else {
        ("#ffffff".to_owned(), format!("q{number}: out of order"))
    };
    let circle = format!(
        "circle class=\"qubit\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{RADIUS}\" fill=\"{fill}\" stroke=\"{INK}\""
    );
    drawing.shape(circle, &title);
    if !is_live {
        let d = RADIUS * 0.7;
        drawing.add(format_args!(
            "<path class=\"dead\" d=\"M{:.1} {:.1}L{:.1} {:.1}M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"{GREY}\" stroke-width=\"2\"/>",
            x - d, y - d, x + d, y + d, x - d, y + d, x + d, y - d
        ));
    }
    drawing.add(format_args!(
        "<text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"9\" text-anchor=\"middle\" fill=\"#000000\" \
         pointer-events=\"none\">{number}</text>",
        y + 3.0
    ));
}

fn line(drawing: &mut Drawing, [from, to]: [(f64, f64); 2], colour: &str, title: &str) {
    let line = format!(
        "line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke-width=\"6\" stroke=\"{colour}\"",
        from.0, from.1, to.0, to.1
    );
    drawing.shape(line, title);
}

fn head(
    drawing: &mut Drawing,
    target: &Target,
    gates: Option<Scale>,
    readout: Option<Scale>,
    has_layout: bool,
) {
    drawing.text((MARGIN, 24.0), Anchor::Start, target.name());
    let scales = [
        (gates, MARGIN, "two-qubit error (lines)"),
        (readout, MARGIN + 200.0, "readout error (circles)"),
    ];
    for (scale, x, name) in scales {
        if let Some(scale) = scale {
            scale.legend(drawing, (x, 48.0), name);
        }
    }
    let x = MARGIN + 400.0;
    if has_layout {
        drawing.text((x, 42.0), Anchor::Start, "ringed: qubits of the circuit");
    }
    let has_dead = target.dead_qubits().next().is_some() || target.dead_edges().len() > 0;
    if has_dead {
        drawing.text((x, 58.0), Anchor::Start, "dashed, crossed: out of order");
    }
}

fn colour(scale: Option<Scale>, error: Option<f64>) -> String {
    match (scale, error) {
        (Some(scale), Some(error)) => scale.colour(error),
        _ => GREY.to_owned(),
    }
}

fn said(error: Option<f64>) -> String {
    error.map_or_else(
        || "error unknown".to_owned(),
        |error| format!("error {error:.2e}"),
    )
}

/// Where qubits stand, in pixels, below the head.
fn places(target: &Target) -> Vec<(f64, f64)> {
    let n = target.num_qubits();
    let raw: Vec<(f64, f64)> = match target.coordinates() {
        Some(given) if given.iter().all(|(x, y)| x.is_finite() && y.is_finite()) => given.to_vec(),
        // Neighbours on the circle are a step apart, about.
        _ => {
            let radius = n as f64 / TAU;
            let angle = |k: usize| TAU * k as f64 / n.max(1) as f64;
            (0..n)
                .map(|k| (radius * angle(k).sin(), -radius * angle(k).cos()))
                .collect()
        }
    };
    let least = |of: fn(&(f64, f64)) -> f64| raw.iter().map(of).fold(f64::INFINITY, f64::min);
    let (left, top) = (least(|place| place.0), least(|place| place.1));
    let first = (MARGIN, HEAD + MARGIN);
    let step = STEP / shortest(target, &raw);
    raw.iter()
        .map(|(x, y)| (first.0 + step * (x - left), first.1 + step * (y - top)))
        .collect()
}

/// The length of the shortest coupling, for which there must be room between two circles.
fn shortest(target: &Target, places: &[(f64, f64)]) -> f64 {
    let lengths = target.edges().map(|(a, b)| {
        let (a, b) = (places[a.index()], places[b.index()]);
        (a.0 - b.0).hypot(a.1 - b.1)
    });
    let least = lengths
        .filter(|length| *length > 1e-6)
        .fold(f64::INFINITY, f64::min);
    if least.is_finite() { least } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use ardea_device::TargetBuilder;

    use super::super::svg::tests::assert_well_formed;
    use super::*;

    fn count(svg: &str, needle: &str) -> usize {
        svg.matches(needle).count()
    }

    #[test]
    fn every_qubit_and_coupling_has_its_mark() {
        let target = Target::bundled("boston").unwrap();
        let layout = [Qubit::new(3), Qubit::new(4), Qubit::new(5)];
        let svg = error_map(&target, Some(&layout));
        assert_well_formed(&svg);
        assert_eq!(count(&svg, "class=\"qubit\""), target.num_qubits());
        assert_eq!(
            count(&svg, "<line "),
            target.edges().len() + target.dead_edges().len()
        );
        assert_eq!(count(&svg, "class=\"chosen\""), layout.len());
        assert_eq!(count(&error_map(&target, None), "class=\"chosen\""), 0);
    }

    #[test]
    fn what_is_out_of_order_is_marked() {
        let builder = TargetBuilder::grid(3, 3).dead_qubits(&[4]);
        let target = builder.dead_edges(&[(0, 1)]).build().unwrap();
        let svg = error_map(&target, None);
        assert_well_formed(&svg);
        assert_eq!(count(&svg, "class=\"dead\""), 1);
        assert_eq!(count(&svg, "stroke-dasharray"), target.dead_edges().len());
        assert!(svg.contains("q4: out of order"));
    }

    #[test]
    fn a_device_without_coordinates_stands_on_a_circle_and_one_without_errors_is_grey() {
        let target = TargetBuilder::from_edges(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]);
        let svg = error_map(&target.name("<&>").ideal().build().unwrap(), None);
        assert_well_formed(&svg);
        assert_eq!(count(&svg, "class=\"qubit\""), 5);
        assert!(svg.contains("&lt;&amp;&gt;") && svg.contains(GREY));
    }
}
