//! Which pulses stand in a window, and where.
//!
//! A sequence is a list of flips, each at a fraction of the window and about an axis in the plane of X and Y. Between
//! them the qubit's Z has the sign +1 or -1, its *toggling frame*; a constant field cancels where the signed times add
//! up to zero, and a constant ZZ between two qubits where the product of their signs does. Every sequence has an even
//! number of flips, so the sign is +1 again at the end.

use std::f64::consts::PI;

/// Which pulses fill a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sequence {
    /// X, X.
    XX,
    /// X and its inverse, which takes back what an over-rotation of the first did.
    XpXm,
    /// X, Y, X, Y (Maudsley 1986; Viola, Knill and Lloyd 1999, arXiv:quant-ph/9809071).
    XY4,
    /// X, Y, X, Y, Y, X, Y, X: XY4 and its mirror image (Gullion, Baker and Conradi 1990).
    XY8,
    /// This many evenly spaced X (Carr and Purcell 1954; Meiboom and Gill 1958). An odd number is closed by one more
    /// at the window's end.
    Cpmg(u8),
    /// This many X at sin^2(pi j / (2n + 2)), which suppress slow noise to the highest order (Uhrig 2007,
    /// arXiv:quant-ph/0609203). An odd number is closed by one more at the window's end.
    Udd(u8),
    /// Flips where the Walsh function with this many sign changes has them (Hayes et al. 2011, arXiv:1109.6002); an odd
    /// number is closed by one more at the window's end. Any two different ones are orthogonal. The pulses alternate
    /// between X and Y where a multiple of four is needed, and between X and its inverse where not.
    Walsh(u8),
}

/// What one pulse does: half a turn about this axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    X,
    MinusX,
    Y,
}

/// A pulse of a sequence: the fraction of the window at which its middle belongs, and its axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) at: f64,
    pub(super) axis: Axis,
}

impl Sequence {
    /// The pulses in order; none for a sequence of zero pulses.
    pub(super) fn steps(self) -> Vec<Step> {
        use Axis::{MinusX, X, Y};
        match self {
            Sequence::XX => even(&[X, X]),
            Sequence::XpXm => even(&[X, MinusX]),
            Sequence::XY4 => even(&[X, Y, X, Y]),
            Sequence::XY8 => even(&[X, Y, X, Y, Y, X, Y, X]),
            Sequence::Cpmg(count) => closed(even(&vec![X; usize::from(count)])),
            Sequence::Udd(count) => {
                let at = |j: u8| {
                    let quarter_turns = f64::from(j) / (2.0 * f64::from(count) + 2.0);
                    (PI * quarter_turns).sin().powi(2)
                };
                let steps = (1..=u16::from(count)).map(|j| Step {
                    at: at(j as u8),
                    axis: X,
                });
                closed(steps.collect())
            }
            Sequence::Walsh(changes) => alternating(walsh(changes)),
        }
    }

    /// The pulses of this many repetitions, one after the other.
    pub(super) fn repeated(self, cycles: usize) -> Vec<Step> {
        let steps = self.steps();
        (0..cycles)
            .flat_map(|cycle| {
                steps.iter().map(move |step| Step {
                    at: (cycle as f64 + step.at) / cycles as f64,
                    ..*step
                })
            })
            .collect()
    }
}

/// Pulses about these axes at (2k + 1) / 2n.
fn even(axes: &[Axis]) -> Vec<Step> {
    let slots = 2.0 * axes.len() as f64;
    let step = |(k, &axis): (usize, &Axis)| Step {
        at: (2 * k + 1) as f64 / slots,
        axis,
    };
    axes.iter().enumerate().map(step).collect()
}

/// The same with one more pulse at the end, if they are odd in number.
fn closed(mut steps: Vec<Step>) -> Vec<Step> {
    if !steps.len().is_multiple_of(2) {
        steps.push(Step {
            at: 1.0,
            axis: Axis::X,
        });
    }
    steps
}

/// Where the Walsh function with this many sign changes has them, and the end if it ends on -1.
fn walsh(changes: u8) -> Vec<f64> {
    // In order of sign changes, function k is the product of the square waves in the Gray code of k; wave 0 is the
    // slowest.
    let waves = usize::from(changes ^ (changes >> 1));
    let bits = (u8::BITS - changes.leading_zeros()) as usize;
    let is_negative = |slot: usize| {
        (0..bits)
            .filter(|&wave| waves >> wave & 1 == 1 && slot >> (bits - 1 - wave) & 1 == 1)
            .count()
            % 2
            == 1
    };
    let slots = 1usize << bits;
    let flips = (1..slots).filter(|&slot| is_negative(slot) != is_negative(slot - 1));
    let last = is_negative(slots - 1).then_some(slots);
    flips
        .chain(last)
        .map(|slot| slot as f64 / slots as f64)
        .collect()
}

/// Pulses at these fractions, about axes that make up for each other's errors.
fn alternating(fractions: Vec<f64>) -> Vec<Step> {
    let other = if fractions.len().is_multiple_of(4) {
        Axis::Y
    } else {
        Axis::MinusX
    };
    let step = |(k, at): (usize, f64)| Step {
        at,
        axis: if k.is_multiple_of(2) { Axis::X } else { other },
    };
    fractions.into_iter().enumerate().map(step).collect()
}

#[cfg(test)]
mod tests;
