//! Measurements and resets in the middle of a trajectory: shots with different outcomes part.

use ardea_circuit::Clbit;
use num_complex::Complex;

use super::group::{Group, Traveller};
use super::machine::{Machine, Workshop};
use crate::engine::collapse::{After, project};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real};
use crate::reduce::qubit_weights;

impl<T: Real> Machine<'_, T> {
    /// Measures into a bit, which may be misread.
    pub(super) fn measure(
        &self,
        (qubit, wire, bit): (Option<u32>, usize, Clbit),
        group: &mut Group<T>,
        state: &mut Buffer<Complex<T>>,
        shop: &mut Workshop<T>,
    ) -> Result<(), SimulatorError> {
        let outcome = match qubit {
            Some(qubit) => self.collapse(qubit, After::Keep, group, state, shop)?,
            None => false,
        };
        let Some(confusion) = self.readout.confusion(wire) else {
            group.registers.bits.set(bit, outcome);
            return Ok(());
        };
        let site = group.site;
        group.site += 1;
        let read = |t: &Traveller| confusion.read(outcome, self.random.uniform(t.shot, site));
        let first = read(&group.travellers[0]);
        let (same, other): (Vec<_>, Vec<_>) =
            group.travellers.iter().partition(|t| read(t) == first);
        if !other.is_empty() {
            let mut part = group.beside(other, None);
            part.registers.bits.set(bit, !first);
            let copy = shop.pool.copy(state)?;
            self.wait(part, copy, shop);
        }
        group.travellers = same;
        group.registers.bits.set(bit, first);
        Ok(())
    }

    /// Measures for all shots of the group; goes on with the shots of one outcome. The others wait before the same
    /// instruction, where they will agree.
    pub(super) fn collapse(
        &self,
        qubit: u32,
        after: After,
        group: &mut Group<T>,
        state: &mut Buffer<Complex<T>>,
        shop: &mut Workshop<T>,
    ) -> Result<bool, SimulatorError> {
        let (zero, one) = qubit_weights(state, qubit);
        let total = zero + one;
        let site = group.site;
        let outcome = |t: &Traveller| self.random.uniform(t.shot, site) * total >= zero;
        let first = outcome(&group.travellers[0]);
        let (same, other): (Vec<_>, Vec<_>) =
            group.travellers.iter().partition(|t| outcome(t) == first);
        if !other.is_empty() {
            let mut part = group.beside(other, None);
            part.registers.at -= 1;
            let copy = shop.pool.copy(state)?;
            self.wait(part, copy, shop);
        }
        group.travellers = same;
        group.site += 1;
        let weight = if first { one } else { zero };
        project(state, qubit, first, (total / weight).sqrt(), after);
        Ok(first)
    }
}
