//! The timeline in characters.

use super::{Kind, Mark, Picture};

/// Fewer columns than this show nothing.
const LEAST_COLUMNS: usize = 10;
/// More than this no screen has, and each row takes them in memory.
const MOST_COLUMNS: usize = 10_000;

pub(super) fn draw(picture: &Picture, columns: usize) -> String {
    let label = |qubit: usize| format!("q{qubit}");
    let margin = picture
        .qubits
        .iter()
        .map(|&qubit| label(qubit).len())
        .max()
        .unwrap_or(0)
        + 2;
    let width = columns
        .min(MOST_COLUMNS)
        .saturating_sub(margin)
        .max(LEAST_COLUMNS);
    let place =
        |tick: u64| (u128::from(tick) * width as u128 / u128::from(picture.total.max(1))) as usize;
    let mut grid: Vec<Vec<char>> = picture
        .spans
        .iter()
        .map(|&(first, last)| {
            let (first, last) = (place(first.min(picture.total)), place(last));
            (0..width)
                .map(|column| waiting(column, first, last))
                .collect()
        })
        .collect();
    for mark in &picture.marks {
        let Some(letter) = letter(mark) else { continue };
        let (start, end) = (place(mark.start), place(mark.start + mark.ticks));
        for &row in &mark.rows {
            // Even the shortest has a column.
            let columns = start.min(width - 1)..end.max(start + 1).min(width);
            grid[row][columns].fill(letter);
        }
    }
    let mut out = format!(
        "{:margin$}0{:>rest$}\n",
        "",
        length(picture),
        rest = width - 1
    );
    for (row, &qubit) in grid.iter().zip(&picture.qubits) {
        out.push_str(&format!("{:<margin$}", label(qubit)));
        out.push_str(row.iter().collect::<String>().trim_end());
        out.push('\n');
    }
    out
}

fn waiting(column: usize, first: usize, last: usize) -> char {
    match column {
        _ if column < first => '.',
        _ if column < last => '-',
        _ => ' ',
    }
}

fn letter(mark: &Mark) -> Option<char> {
    match mark.kind {
        Kind::Pulse => Some('x'),
        Kind::OneQubit => Some('s'),
        Kind::TwoQubit => Some('C'),
        Kind::Measure => Some('M'),
        Kind::Reset => Some('R'),
        Kind::ControlFlow => Some('B'),
        Kind::Virtual => None,
    }
}

/// The whole time with its unit.
pub(super) fn length(picture: &Picture) -> String {
    time(picture.total as f64 * picture.tick)
}

/// A time in the unit that suits it.
pub(super) fn time(seconds: f64) -> String {
    let (scale, unit) = match seconds {
        s if s < 1e-6 => (1e9, "ns"),
        s if s < 1e-3 => (1e6, "us"),
        _ => (1e3, "ms"),
    };
    let rounded = (seconds * scale * 1000.0).round() / 1000.0;
    format!("{rounded} {unit}")
}
