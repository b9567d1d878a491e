//! The verdict when rotations have been cancelled: do the Clifford parts agree?
//!
//! Each thing that is looked at is a Pauli string at the seam, and only what it does to the states that are possible there
//! counts. Without anything known these are all states, and the strings must be equal. For |0...0> alone, and a circuit
//! without rotations, it decides which products of outcomes are certain and which are fair coins. So Clifford circuits
//! are decided completely.

use rustc_hash::FxHashMap;

use crate::pauli::Pauli;
use crate::report::Witness;
use crate::rotations::{Observable, Observed};
use crate::stabilisers::Stabilisers;

/// What the Clifford parts say.
pub(crate) enum Agreement {
    /// They agree.
    Yes,
    /// They do not, in the sense of operators on all states at the seam.
    No(Difference),
    /// They look at different things.
    Incomparable(String),
}

/// Where two strings differ.
pub(crate) struct Difference {
    pub(crate) what: Vec<Observed>,
    pub(crate) before: Pauli,
    pub(crate) after: Pauli,
}

/// The strings of both circuits side by side; what only one of them looks at is 0 in the other.
fn pairs(
    observables: &[Vec<Observable>; 2],
    columns: usize,
) -> Result<Vec<(Observed, [Pauli; 2])>, String> {
    let mut sides: [FxHashMap<Observed, &Pauli>; 2] = Default::default();
    for (side, list) in sides.iter_mut().zip(observables) {
        side.extend(list.iter().map(|entry| (entry.what, &entry.pauli)));
    }
    let mut keys: Vec<Observed> = sides.iter().flat_map(|side| side.keys().copied()).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut out = Vec::with_capacity(keys.len());
    for key in keys {
        let both = [sides[0].get(&key), sides[1].get(&key)];
        if let (Observed::OutputX(output), [None, Some(_)] | [Some(_), None]) = (key, both) {
            return Err(format!(
                "only one of the circuits measures output {output} last"
            ));
        }
        // A bit that is never written is 0, a spare wire that is not there is |0>.
        let string = |side: Option<&&Pauli>| {
            side.map_or_else(|| Pauli::identity(columns), |&pauli| pauli.clone())
        };
        out.push((key, both.map(string)));
    }
    Ok(out)
}

/// Compares what the circuits make of all states that `known` describes: products of the strings that commute with all
/// that is known must be the same on both sides, and the same products must do so. All others have no certain part there.
pub(crate) fn compare(
    observables: &[Vec<Observable>; 2],
    known: &Stabilisers,
    columns: usize,
) -> Agreement {
    let pairs = match pairs(observables, columns) {
        Ok(pairs) => pairs,
        Err(reason) => return Agreement::Incomparable(reason),
    };
    for side in 0..2 {
        let syndromes = pairs
            .iter()
            .map(|(_, both)| known.syndrome(&both[side]))
            .collect();
        for combination in commuting_products(syndromes) {
            let product = |side: usize| {
                let mut out = Pauli::identity(columns);
                combination
                    .iter()
                    .for_each(|&place| out.multiply(&pairs[place].1[side], 0));
                out
            };
            let (before, after) = (product(0), product(1));
            let mut ratio = before.clone();
            ratio.multiply(&after.inverse(), 0);
            if known.value(&ratio) != Some(0) {
                let what = combination.iter().map(|&place| pairs[place].0).collect();
                return Agreement::No(Difference {
                    what,
                    before,
                    after,
                });
            }
        }
    }
    Agreement::Yes
}

/// Independent products, each as a list of places, whose syndromes cancel; all others of that kind follow from them.
fn commuting_products(syndromes: Vec<Vec<u64>>) -> Vec<Vec<usize>> {
    let count = syndromes.len();
    let words = count.div_ceil(64);
    let mut rows: Vec<(Vec<u64>, Vec<u64>)> = syndromes
        .into_iter()
        .enumerate()
        .map(|(place, syndrome)| {
            let mut own = vec![0; words];
            own[place / 64] |= 1 << (place % 64);
            (syndrome, own)
        })
        .collect();
    let mut found = Vec::new();
    while let Some((syndrome, places)) = rows.pop() {
        let Some(word) = syndrome.iter().position(|&word| word != 0) else {
            found.push(
                (0..count)
                    .filter(|place| places[place / 64] >> (place % 64) & 1 == 1)
                    .collect(),
            );
            continue;
        };
        let lowest = syndrome[word] & syndrome[word].wrapping_neg();
        for (other, with) in rows
            .iter_mut()
            .filter(|(other, _)| other[word] & lowest != 0)
        {
            other.iter_mut().zip(&syndrome).for_each(|(a, b)| *a ^= b);
            with.iter_mut().zip(&places).for_each(|(a, b)| *a ^= b);
        }
    }
    found
}

/// An observable in words.
pub(crate) fn observed_text(what: &[Observed], inputs: &[usize]) -> String {
    let one = |what: &Observed| match *what {
        Observed::OutputX(i) => format!("X of qubit {}", inputs[i]),
        Observed::OutputZ(i) => format!("Z of qubit {}", inputs[i]),
        Observed::Bit(bit) => format!("(-1)^c[{bit}]"),
        Observed::Spare(_) => "Z of a spare qubit".to_owned(),
    };
    what.iter().map(one).collect::<Vec<_>>().join(" times ")
}

/// A product state on which the difference of two strings at the seam shows, for circuits without rotations. Inputs
/// that are not `free` stay |0>.
pub(crate) fn product_witness(difference: &Difference, inputs: &[usize], free: bool) -> Witness {
    let (a, b) = (&difference.before, &difference.after);
    let axis = |position: usize| match (a.letter(position), b.letter(position)) {
        _ if !free => 'Z',
        ('I', 'I') => 'Z',
        // Any other axis makes the second string's value 0.
        ('I', 'Z') => 'X',
        ('I', _) => 'Z',
        (own, _) => own,
    };
    let axes: Vec<char> = (0..inputs.len()).map(axis).collect();
    let value = |string: &Pauli, minus: Option<usize>| {
        (0..string.columns()).fold(string.sign(), |value, column| match string.letter(column) {
            'I' => value,
            letter if letter != axes.get(column).copied().unwrap_or('Z') => 0.0,
            _ if minus == Some(column) => -value,
            _ => value,
        })
    };
    // A minus where only the first string has a letter tells them apart when they agree otherwise.
    let alone =
        (0..inputs.len()).find(|&position| a.letter(position) != 'I' && b.letter(position) == 'I');
    let minus = alone.filter(|_| free && value(a, None) == value(b, None));
    let name = |position: usize| match (axes[position], minus == Some(position)) {
        ('X', false) => "+",
        ('X', true) => "-",
        ('Y', false) => "+i",
        ('Y', true) => "-i",
        (_, true) => "1",
        _ => "0",
    };
    let mut input: Vec<String> = (0..inputs.len())
        .filter(|&position| name(position) != "0")
        .map(|position| format!("qubit {} in |{}>", inputs[position], name(position)))
        .collect();
    input.push(
        if input.is_empty() {
            "all qubits in |0>"
        } else {
            "all others in |0>"
        }
        .to_owned(),
    );
    Witness {
        input: input.join(", "),
        observed: format!(
            "the expectation value of {}",
            observed_text(&difference.what, inputs)
        ),
        before: value(a, minus),
        after: value(b, minus),
    }
}
