//! The stabilizer tableau (Gottesman, quant-ph/9807006; Aaronson and Gottesman, quant-ph/0406196).
//!
//! The rows are the images `U P U^dagger` of the generators P: X on every qubit, then Z on every qubit. The bits of all
//! rows on one qubit lie in a row of words together, so that a gate appended to the circuit takes a few word operations
//! for every 32 qubits.

use std::fmt;

use crate::clifford::{CliffordForm, CliffordGate};
use crate::pauli::PhasedPauli;
use crate::{Circuit, Operation, Pauli, PauliString, Qubit};

/// A Clifford operator up to its global phase.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Tableau {
    num_qubits: usize,
    /// Words per qubit: bit `g` of them belongs to generator `g`.
    words: usize,
    x: Vec<u64>,
    z: Vec<u64>,
    sign: Vec<u64>,
}

impl Tableau {
    /// The operator that does nothing.
    #[must_use]
    pub fn identity(num_qubits: usize) -> Self {
        let words = (2 * num_qubits).div_ceil(64);
        let mut out = Self {
            num_qubits,
            words,
            x: vec![0; num_qubits * words],
            z: vec![0; num_qubits * words],
            sign: vec![0; words],
        };
        for q in 0..num_qubits {
            set(&mut out.x[q * words..], q);
            set(&mut out.z[q * words..], num_qubits + q);
        }
        out
    }

    /// What the gates of `circuit` do, barriers and delays left out; none when one of its instructions is not a Clifford
    /// gate that [`CliffordForm::of`] recognises.
    #[must_use]
    pub fn of_circuit(circuit: &Circuit) -> Option<Self> {
        let mut out = Self::identity(circuit.num_qubits());
        for instruction in circuit.instructions() {
            if !instruction.operation.is_directive() {
                out.append_operation(&instruction.operation, &instruction.qubits)?;
            }
        }
        Some(out)
    }

    /// How many qubits the operator acts on.
    #[must_use]
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// Appends an operation that [`CliffordForm::of`] recognises and returns the phase in radians that the tableau
    /// leaves out of it; none, and nothing appended, for any other.
    pub fn append_operation(&mut self, operation: &Operation, qubits: &[Qubit]) -> Option<f64> {
        let form = CliffordForm::of(operation)?;
        for gate in form.gates() {
            self.append(gate.map(|q| qubits[q].index()));
        }
        Some(form.phase())
    }

    /// Appends a gate: the operator becomes `gate * self`.
    ///
    /// # Panics
    /// When the gate names a qubit that the tableau does not have, or one qubit twice.
    pub fn append(&mut self, gate: CliffordGate) {
        match gate {
            CliffordGate::X(q) => self.one(q, |_, z, s| *s ^= *z),
            CliffordGate::Z(q) => self.one(q, |x, _, s| *s ^= *x),
            CliffordGate::Y(q) => self.one(q, |x, z, s| *s ^= *x ^ *z),
            CliffordGate::H(q) => self.one(q, |x, z, s| {
                *s ^= *x & *z;
                std::mem::swap(x, z);
            }),
            CliffordGate::S(q) => self.one(q, |x, z, s| {
                *s ^= *x & *z;
                *z ^= *x;
            }),
            CliffordGate::Sdg(q) => self.one(q, |x, z, s| {
                *s ^= *x & !*z;
                *z ^= *x;
            }),
            CliffordGate::SX(q) => self.one(q, |x, z, s| {
                *s ^= *z & !*x;
                *x ^= *z;
            }),
            CliffordGate::SXdg(q) => self.one(q, |x, z, s| {
                *s ^= *z & *x;
                *x ^= *z;
            }),
            CliffordGate::CX(control, target) => {
                assert_ne!(control, target, "a controlled gate on one qubit");
                for k in 0..self.words {
                    let (c, t) = (control * self.words + k, target * self.words + k);
                    self.sign[k] ^= self.x[c] & self.z[t] & !(self.x[t] ^ self.z[c]);
                    self.x[t] ^= self.x[c];
                    self.z[c] ^= self.z[t];
                }
            }
            CliffordGate::CZ(first, second) => {
                assert_ne!(first, second, "a controlled gate on one qubit");
                for k in 0..self.words {
                    let (a, b) = (first * self.words + k, second * self.words + k);
                    self.sign[k] ^= self.x[a] & self.x[b] & (self.z[a] ^ self.z[b]);
                    self.z[a] ^= self.x[b];
                    self.z[b] ^= self.x[a];
                }
            }
            CliffordGate::Swap(first, second) => {
                for k in 0..self.words {
                    let (a, b) = (first * self.words + k, second * self.words + k);
                    self.x.swap(a, b);
                    self.z.swap(a, b);
                }
            }
        }
    }

    fn one(&mut self, q: usize, rule: impl Fn(&mut u64, &mut u64, &mut u64)) {
        let start = q * self.words;
        for (k, sign) in self.sign.iter_mut().enumerate() {
            rule(&mut self.x[start + k], &mut self.z[start + k], sign);
        }
    }

    /// The image of X on `qubit`: whether its sign is negative, and the Pauli string.
    #[must_use]
    pub fn image_of_x(&self, qubit: Qubit) -> (bool, PauliString) {
        self.image(qubit.index())
    }

    /// The image of Z on `qubit`: whether its sign is negative, and the Pauli string.
    #[must_use]
    pub fn image_of_z(&self, qubit: Qubit) -> (bool, PauliString) {
        self.image(self.num_qubits + qubit.index())
    }

    fn image(&self, generator: usize) -> (bool, PauliString) {
        let operators: Vec<(Qubit, Pauli)> = (0..self.num_qubits)
            .map(|q| (Qubit::new(q), self.pauli(generator, q)))
            .collect();
        let string = PauliString::from_sparse(self.num_qubits, &operators)
            .expect("the operators are on the tableau's own qubits");
        (get(&self.sign, generator), string)
    }

    /// The operator on qubit `q` in the image of generator `generator`: X on qubit `g` for `g` below the number of
    /// qubits, then Z on each.
    #[must_use]
    pub fn pauli(&self, generator: usize, q: usize) -> Pauli {
        match self.bits(generator, q) {
            (false, false) => Pauli::I,
            (true, false) => Pauli::X,
            (true, true) => Pauli::Y,
            (false, true) => Pauli::Z,
        }
    }

    /// Whether the image of a generator (numbered as in [`Tableau::pauli`]) flips qubit `q`, and whether it gives it a
    /// sign.
    #[inline]
    #[must_use]
    pub fn bits(&self, generator: usize, q: usize) -> (bool, bool) {
        let start = q * self.words;
        (
            get(&self.x[start..], generator),
            get(&self.z[start..], generator),
        )
    }

    /// Whether the image of a generator (numbered as in [`Tableau::pauli`]) has a negative sign.
    #[must_use]
    pub fn is_negative(&self, generator: usize) -> bool {
        get(&self.sign, generator)
    }

    /// Whether the two operators are equal up to a Pauli operator as well as a phase.
    #[must_use]
    pub fn equals_up_to_paulis(&self, other: &Self) -> bool {
        self.num_qubits == other.num_qubits && self.x == other.x && self.z == other.z
    }

    /// The image of any Pauli string: whether its sign is negative, and the string. Qubits beyond the string's end
    /// count as the identity.
    ///
    /// # Panics
    /// When the string has operators on qubits that the tableau does not have.
    #[must_use]
    pub fn conjugate(&self, pauli: &PauliString) -> (bool, PauliString) {
        let rows = self.rows();
        let mut product = PhasedPauli::identity(self.num_qubits);
        for (q, operator) in pauli.support() {
            assert!(q.index() < self.num_qubits, "{q} is beyond the tableau");
            let (x, z) = (&rows[q.index()], &rows[self.num_qubits + q.index()]);
            match operator {
                Pauli::I => {}
                Pauli::X => product.multiply(x, 0),
                Pauli::Z => product.multiply(z, 0),
                Pauli::Y => {
                    product.multiply(x, 0);
                    product.multiply(z, 1);
                }
            }
        }
        product.to_signed(self.num_qubits)
    }

    /// This operator, then `other`: the operator `other * self`.
    ///
    /// # Panics
    /// When the numbers of qubits differ.
    #[must_use]
    pub fn then(&self, other: &Self) -> Self {
        assert_eq!(
            self.num_qubits, other.num_qubits,
            "operators of different width"
        );
        let n = self.num_qubits;
        let rows = other.rows();
        let mut out = Self {
            x: vec![0; n * self.words],
            z: vec![0; n * self.words],
            sign: vec![0; self.words],
            ..*self
        };
        for generator in 0..2 * n {
            let mut product = PhasedPauli::identity(n);
            product.turn(2 * u8::from(self.is_negative(generator)));
            for q in 0..n {
                let (x, z) = self.bits(generator, q);
                if x {
                    product.multiply(&rows[q], 0);
                }
                if z {
                    product.multiply(&rows[n + q], 0);
                }
                product.turn(u8::from(x && z));
            }
            for q in 0..n {
                if product.bits_of(q).0 {
                    set(&mut out.x[q * self.words..], generator);
                }
                if product.bits_of(q).1 {
                    set(&mut out.z[q * self.words..], generator);
                }
            }
            if product.is_negative() {
                set(&mut out.sign, generator);
            }
        }
        out
    }

    /// The operator that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let n = self.num_qubits;
        let mut out = Self {
            x: vec![0; n * self.words],
            z: vec![0; n * self.words],
            sign: vec![0; self.words],
            ..*self
        };
        // Two Paulis commute exactly when their images do: the inverse image of P holds X on q when P does not commute
        // with the image of Z on q.
        for p in 0..n {
            for q in 0..n {
                let (xx, xz) = self.bits(p, q);
                let (zx, zz) = self.bits(n + p, q);
                for (generator, in_x, in_z) in [(q, zz, xz), (n + q, zx, xx)] {
                    if in_x {
                        set(&mut out.x[p * self.words..], generator);
                    }
                    if in_z {
                        set(&mut out.z[p * self.words..], generator);
                    }
                }
            }
        }
        out.sign = out.then(self).sign;
        out
    }

    fn rows(&self) -> Vec<PhasedPauli> {
        let n = self.num_qubits;
        (0..2 * n)
            .map(|generator| {
                let mut row = PhasedPauli::identity(n);
                row.turn(2 * u8::from(self.is_negative(generator)));
                for q in 0..n {
                    let (x, z) = self.bits(generator, q);
                    row.set(q, x, z);
                    row.turn(u8::from(x && z)); // Y = i X Z
                }
                row
            })
            .collect()
    }
}

impl fmt::Debug for Tableau {
    /// One line per qubit: the images of its X and its Z.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for q in 0..self.num_qubits {
            let show = |(negative, string): (bool, PauliString)| {
                format!("{}{string}", if negative { '-' } else { '+' })
            };
            let (x, z) = (
                show(self.image_of_x(Qubit::new(q))),
                show(self.image_of_z(Qubit::new(q))),
            );
            writeln!(f, "X{q} -> {x}  Z{q} -> {z}")?;
        }
        Ok(())
    }
}

#[inline]
fn get(words: &[u64], bit: usize) -> bool {
    words[bit / 64] >> (bit % 64) & 1 == 1
}

#[inline]
fn set(words: &mut [u64], bit: usize) {
    words[bit / 64] |= 1 << (bit % 64);
}

impl Tableau {
    /// The tableau with these images, each by its flips, its signs (as bit masks over the qubits) and whether it is
    /// negative; none when they do not commute and anticommute as the generators do.
    pub(super) fn of_images(num_qubits: usize, images: &[(usize, usize, bool)]) -> Option<Self> {
        let crossings = |a: usize, b: usize| {
            (images[a].0 & images[b].1).count_ones() + (images[a].1 & images[b].0).count_ones()
        };
        for a in 0..images.len() {
            for b in a + 1..images.len() {
                if (crossings(a, b) % 2 == 1) != (b == a + num_qubits) {
                    return None;
                }
            }
        }
        let mut out = Self::identity(num_qubits);
        out.x.fill(0);
        out.z.fill(0);
        for (generator, &(x, z, negative)) in images.iter().enumerate() {
            for q in 0..num_qubits {
                if x >> q & 1 == 1 {
                    set(&mut out.x[q * out.words..], generator);
                }
                if z >> q & 1 == 1 {
                    set(&mut out.z[q * out.words..], generator);
                }
            }
            if negative {
                set(&mut out.sign, generator);
            }
        }
        Some(out)
    }
}
