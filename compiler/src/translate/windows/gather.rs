//! Runs of gates on three qubits.
//!
//! From the first two-qubit gate that is in no window yet, each third qubit near it is tried, and the window with the
//! most two-qubit gates is taken. It grows along its three wires at once, the earliest instruction first. What reaches
//! out of the three ends the window on the wires that it touches. So every member can move up to the first one: before
//! it, on its wires, there are only members.

use ardea_circuit::{Circuit, Instruction, Qubit};

/// Third qubits tried for each window.
const THIRDS: usize = 6;
/// Two-qubit gates after which a window is long enough: more is slower to fit, and rarely on three qubits alone.
const MOST: usize = 16;
/// Instructions looked at on either of the two qubits in search of a third one.
const AHEAD: usize = 60;

/// Some instructions on three qubits that can stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) qubits: [Qubit; 3],
    /// Places in the circuit, ascending.
    pub(super) members: Vec<usize>,
    pub(super) num_two_qubit: usize,
}

/// Windows of which no two share an instruction.
pub(super) fn gather(circuit: &Circuit) -> Vec<Window> {
    let mut wires = Wires::of(circuit);
    let mut taken = vec![false; circuit.len()];
    let mut windows = Vec::new();
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        if taken[place] {
            continue;
        }
        let is_seed = instruction.qubits.len() == 2 && is_numeric(instruction);
        let window = is_seed.then(|| best_window(circuit, &wires, place));
        if let Some(window) = window.flatten() {
            for &member in &window.members {
                taken[member] = true;
                wires.pass(&circuit.instructions()[member]);
            }
            windows.push(window);
            continue;
        }
        taken[place] = true;
        wires.pass(instruction);
    }
    windows
}

fn best_window(circuit: &Circuit, wires: &Wires, seed: usize) -> Option<Window> {
    let [a, b] = circuit.instructions()[seed].qubits[..] else {
        return None;
    };
    let mut best: Option<Window> = None;
    for third in thirds(circuit, wires, a, b) {
        let window = grow(circuit, wires, [a, b, third]);
        if best
            .as_ref()
            .is_none_or(|best| window.num_two_qubit > best.num_two_qubit)
        {
            best = Some(window);
        }
    }
    best
}

/// Qubits that soon share a gate with one of the two.
fn thirds(circuit: &Circuit, wires: &Wires, a: Qubit, b: Qubit) -> Vec<Qubit> {
    let mut found = Vec::new();
    for wire in [a, b] {
        for &place in wires.ahead(wire).iter().take(AHEAD) {
            let instruction = &circuit.instructions()[place as usize];
            if instruction.qubits.len() != 2 {
                continue;
            }
            for &qubit in instruction.qubits.iter() {
                if qubit != a && qubit != b && !found.contains(&qubit) && found.len() < THIRDS {
                    found.push(qubit);
                }
            }
        }
    }
    found
}

fn grow(circuit: &Circuit, wires: &Wires, qubits: [Qubit; 3]) -> Window {
    let ahead = qubits.map(|qubit| wires.ahead(qubit));
    let mut next = [0; 3];
    let mut is_open = [true; 3];
    let mut window = Window {
        qubits,
        members: Vec::new(),
        num_two_qubit: 0,
    };
    while window.num_two_qubit < MOST {
        let earliest = (0..3)
            .filter(|&wire| is_open[wire])
            .filter_map(|wire| ahead[wire].get(next[wire]))
            .min();
        let Some(&place) = earliest else { break };
        let instruction = &circuit.instructions()[place as usize];
        let on: Vec<Option<usize>> = instruction
            .qubits
            .iter()
            .map(|qubit| qubits.iter().position(|other| other == qubit))
            .collect();
        let fits =
            is_numeric(instruction) && on.iter().all(|wire| wire.is_some_and(|wire| is_open[wire]));
        for wire in on.into_iter().flatten() {
            next[wire] += usize::from(fits);
            is_open[wire] &= fits;
        }
        if fits {
            window.members.push(place as usize);
            window.num_two_qubit += usize::from(instruction.qubits.len() == 2);
        }
    }
    window
}

/// Whether the instruction has a matrix on one or two qubits.
fn is_numeric(instruction: &Instruction) -> bool {
    instruction.qubits.len() <= 2
        && instruction.operation.is_unitary()
        && !instruction.operation.is_symbolic()
}

/// For each qubit the places of its instructions, and how many of them are behind.
struct Wires {
    places: Vec<Vec<u32>>,
    passed: Vec<usize>,
}

impl Wires {
    fn of(circuit: &Circuit) -> Self {
        let mut places = vec![Vec::new(); circuit.num_qubits()];
        for (place, instruction) in circuit.instructions().iter().enumerate() {
            for qubit in instruction.qubits.iter() {
                places[qubit.index()].push(place as u32);
            }
        }
        Self {
            passed: vec![0; places.len()],
            places,
        }
    }

    fn ahead(&self, qubit: Qubit) -> &[u32] {
        &self.places[qubit.index()][self.passed[qubit.index()]..]
    }

    fn pass(&mut self, instruction: &Instruction) {
        for qubit in instruction.qubits.iter() {
            self.passed[qubit.index()] += 1;
        }
    }
}
