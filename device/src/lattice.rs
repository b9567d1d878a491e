//! Coupling graphs of common shapes, with a place to draw each qubit.

use ardea_circuit::Qubit;

use crate::TargetError;
use crate::description::{MAX_EDGES, MAX_QUBITS};

/// A coupling graph that is described by its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Line(usize),
    Ring(usize),
    Grid(usize, usize),
    HeavyHex(usize),
    AllToAll(usize),
    Edges(usize, Vec<(Qubit, Qubit)>),
}

/// A coupling graph written out.
pub(crate) struct Lattice {
    pub(crate) num_qubits: usize,
    pub(crate) edges: Vec<(usize, usize)>,
    /// (column, row) of each qubit; a list of edges has none.
    pub(crate) coordinates: Option<Vec<(f64, f64)>>,
}

impl Shape {
    /// The name that the device gets when it is given no other.
    pub(crate) fn name(&self) -> String {
        match self {
            Shape::Line(n) => format!("line:{n}"),
            Shape::Ring(n) => format!("ring:{n}"),
            Shape::Grid(rows, columns) => format!("grid:{rows}x{columns}"),
            Shape::HeavyHex(distance) => format!("heavy_hex:{distance}"),
            Shape::AllToAll(n) => format!("all_to_all:{n}"),
            Shape::Edges(n, _) => format!("custom:{n}"),
        }
    }

    pub(crate) fn expand(&self) -> Result<Lattice, TargetError> {
        self.check_size()?;
        Ok(match self {
            Shape::Line(n) => line(*n),
            Shape::Ring(n) => ring(*n),
            Shape::Grid(rows, columns) => grid(*rows, *columns),
            Shape::HeavyHex(distance) => heavy_hex(*distance),
            Shape::AllToAll(n) => all_to_all(*n),
            Shape::Edges(n, edges) => Lattice {
                num_qubits: *n,
                edges: edges.iter().map(|(a, b)| (a.index(), b.index())).collect(),
                coordinates: None,
            },
        })
    }

    fn check_size(&self) -> Result<(), TargetError> {
        let bad = |reason: String| {
            let what = format!("the shape {}", self.name());
            Err(TargetError::BadSize { what, reason })
        };
        let num_qubits = match self {
            Shape::Line(n) | Shape::Ring(n) | Shape::AllToAll(n) | Shape::Edges(n, _) => Some(*n),
            Shape::Grid(rows, columns) => rows.checked_mul(*columns),
            Shape::HeavyHex(distance) if distance % 2 == 0 => {
                return bad("the distance of a heavy-hex lattice is an odd number".to_owned());
            }
            Shape::HeavyHex(1) => Some(1),
            Shape::HeavyHex(distance) => distance
                .checked_mul(5 * distance.min(&MAX_QUBITS) - 2)
                .map(|twice_plus_one| (twice_plus_one - 1) / 2),
        };
        if !num_qubits.is_some_and(|n| (1..=MAX_QUBITS).contains(&n)) {
            return bad(format!("a device has 1 to {MAX_QUBITS} qubits"));
        }
        match self {
            Shape::Ring(n) if *n < 3 => bad("a ring has at least 3 qubits".to_owned()),
            Shape::AllToAll(n) if n * (n - 1) / 2 > MAX_EDGES => bad(format!(
                "it has more than {MAX_EDGES} edges; take at most 2000 qubits"
            )),
            _ => Ok(()),
        }
    }
}

fn line(n: usize) -> Lattice {
    Lattice {
        num_qubits: n,
        edges: (1..n).map(|q| (q - 1, q)).collect(),
        coordinates: Some((0..n).map(|q| (q as f64, 0.0)).collect()),
    }
}

fn ring(n: usize) -> Lattice {
    let mut edges = line(n).edges;
    edges.push((0, n - 1));
    Lattice {
        num_qubits: n,
        edges,
        coordinates: Some(circle(n)),
    }
}

fn grid(rows: usize, columns: usize) -> Lattice {
    let mut edges = Vec::new();
    for q in 0..rows * columns {
        if q % columns + 1 < columns {
            edges.push((q, q + 1));
        }
        if q + columns < rows * columns {
            edges.push((q, q + columns));
        }
    }
    let place = |q: usize| ((q % columns) as f64, (q / columns) as f64);
    let coordinates = Some((0..rows * columns).map(place).collect());
    Lattice {
        num_qubits: rows * columns,
        edges,
        coordinates,
    }
}

fn all_to_all(n: usize) -> Lattice {
    let edges = (0..n)
        .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
        .collect();
    Lattice {
        num_qubits: n,
        edges,
        coordinates: Some(circle(n)),
    }
}

/// The heavy-hex lattice of the code of odd distance d (Chamberland, Zhu, Yoder, Hertzberg and
/// Cross, 2020, arXiv:1907.09528), (5 d^2 - 2 d - 1) / 2 qubits.
///
/// d rows of 2 d - 1 qubits in a line; between two rows (d + 1) / 2 qubits, each joined to one
/// qubit above and one below, at every fourth column, shifted by two from one gap to the next, and
/// at the border that this leaves open. Numbered row by row, each row followed by the gap below.
fn heavy_hex(distance: usize) -> Lattice {
    let width = 2 * distance - 1;
    let stride = width + distance.div_ceil(2);
    let (mut edges, mut coordinates) = (Vec::new(), Vec::new());
    for row in 0..distance {
        let start = row * stride;
        edges.extend((1..width).map(|column| (start + column - 1, start + column)));
        coordinates.extend((0..width).map(|column| (column as f64, 2.0 * row as f64)));
        if row + 1 == distance {
            break;
        }
        for (k, column) in bridge_columns(row, width).into_iter().enumerate() {
            let bridge = start + width + k;
            edges.push((start + column, bridge));
            edges.push((bridge, start + stride + column));
            coordinates.push((column as f64, 2.0 * row as f64 + 1.0));
        }
    }
    Lattice {
        num_qubits: coordinates.len(),
        edges,
        coordinates: Some(coordinates),
    }
}

fn bridge_columns(row: usize, width: usize) -> Vec<usize> {
    if row.is_multiple_of(2) {
        (1..width - 1).step_by(4).chain([width - 1]).collect()
    } else {
        [0].into_iter().chain((3..width - 1).step_by(4)).collect()
    }
}

fn circle(n: usize) -> Vec<(f64, f64)> {
    let radius = n as f64 / std::f64::consts::TAU;
    let angle = |q: usize| q as f64 / n as f64 * std::f64::consts::TAU;
    (0..n)
        .map(|q| (radius * angle(q).cos(), radius * angle(q).sin()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_hex_lattice_has_the_size_of_its_code_and_at_most_three_neighbours() {
        for (distance, qubits, edges) in [(1, 1, 0), (3, 19, 20), (5, 57, 64), (7, 115, 132)] {
            let lattice = Shape::HeavyHex(distance).expand().unwrap();
            assert_eq!((lattice.num_qubits, lattice.edges.len()), (qubits, edges));
            let mut degree = vec![0; qubits];
            for (a, b) in lattice.edges {
                degree[a] += 1;
                degree[b] += 1;
            }
            assert!(degree.iter().all(|&d| d <= 3), "{degree:?}");
        }
    }

    #[test]
    fn a_grid_has_its_rows_and_columns() {
        let lattice = grid(2, 3);
        assert_eq!(
            lattice.edges,
            [(0, 1), (0, 3), (1, 2), (1, 4), (2, 5), (3, 4), (4, 5)]
        );
        assert_eq!(lattice.coordinates.unwrap()[5], (2.0, 1.0));
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for shape in [
            Shape::Line(0),
            Shape::Ring(2),
            Shape::Grid(usize::MAX, 2),
            Shape::HeavyHex(4),
            Shape::HeavyHex(usize::MAX),
            Shape::HeavyHex((usize::MAX / 3) | 1),
            Shape::AllToAll(2002),
            Shape::Line(10_001),
        ] {
            assert!(shape.expand().is_err(), "{shape:?}");
        }
    }
}
