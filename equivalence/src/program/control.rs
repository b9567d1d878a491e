//! Everything but gates: measurement and reset deferred, conditions as controls, loops unrolled.

use ardea_circuit::{Circuit, Expr, Gate, Operation};
use smallvec::SmallVec;

use super::gates::number;
use super::{Control, Lowering, MAX_DEPTH, Source, Start};

/// Conditions on more bits than this are not followed.
const MAX_CONDITION_BITS: usize = 6;

impl Lowering<'_> {
    pub(super) fn block(
        &mut self,
        circuit: &Circuit,
        qubits: Option<&[usize]>,
        controls: &[Control],
        depth: usize,
    ) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("bodies nest deeper than {MAX_DEPTH} levels"));
        }
        for (index, instruction) in circuit.instructions().iter().enumerate() {
            let places: SmallVec<[usize; 4]> = instruction
                .qubits
                .iter()
                .map(|q| qubits.map_or(q.index(), |list| list[q.index()]))
                .collect();
            let is_last = qubits.is_none() && self.final_measurements[index];
            self.instruction(&instruction.operation, &places, controls, is_last, depth)?;
        }
        let phase = number(circuit.global_phase())?;
        self.phase(phase, controls)
    }

    fn instruction(
        &mut self,
        operation: &Operation,
        places: &[usize],
        controls: &[Control],
        is_last: bool,
        depth: usize,
    ) -> Result<(), String> {
        match operation {
            Operation::Barrier | Operation::Delay(..) => Ok(()),
            Operation::Measure(bit) => {
                self.unconditional(controls, "a measurement")?;
                self.measure(places[0], bit.index(), is_last)
            }
            Operation::Reset => {
                self.unconditional(controls, "a reset")?;
                self.reset(places[0])
            }
            Operation::IfElse(op) => {
                self.choose(&op.condition, controls, |this, truth, controls| {
                    let body = if truth.contains(&true) {
                        Some(&op.then_body)
                    } else {
                        op.else_body.as_ref()
                    };
                    body.map_or(Ok(()), |body| {
                        this.block(body, Some(places), controls, depth + 1)
                    })
                })
            }
            Operation::Switch(op) => self.choose(&op.subject, controls, |this, value, controls| {
                op.select(value).map_or(Ok(()), |body| {
                    this.block(body, Some(places), controls, depth + 1)
                })
            }),
            Operation::For(op) => {
                if op
                    .body
                    .instructions()
                    .iter()
                    .any(|i| i.operation.leaves_loop())
                {
                    return Err("a loop is left early".to_owned());
                }
                for value in op.values.iter() {
                    let body = match &op.variable {
                        Some(variable) => {
                            let value = [(variable.clone(), (value as f64).into())].into();
                            op.body
                                .substitute(&value)
                                .map_err(|error| error.to_string())?
                        }
                        None => op.body.clone(),
                    };
                    self.block(&body, Some(places), controls, depth + 1)?;
                    // A body without instructions would never meet the limit otherwise.
                    self.count()?;
                }
                Ok(())
            }
            Operation::While(_) => Err("a loop runs while a measured value holds".to_owned()),
            Operation::Break | Operation::Continue => Err("a loop is left early".to_owned()),
            gate => {
                let wires = places
                    .iter()
                    .map(|&place| self.wire_of(place))
                    .collect::<Result<SmallVec<[usize; 4]>, _>>()?;
                self.gate(gate, &wires, controls, depth)
            }
        }
    }

    fn unconditional(&self, controls: &[Control], what: &str) -> Result<(), String> {
        if controls.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{what} happens under a condition on measured values"
        ))
    }

    /// Runs `body` once for each value that the bits of `condition` can have, under control of that value.
    fn choose(
        &mut self,
        condition: &Expr,
        controls: &[Control],
        body: impl Fn(&mut Self, &[bool], &[Control]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut bits = condition.bits();
        bits.sort_unstable();
        bits.dedup();
        let wired: Vec<(usize, usize)> = bits
            .iter()
            .filter_map(|bit| Some((bit.index(), self.program.bits[bit.index()]?)))
            .collect();
        if wired.len() > MAX_CONDITION_BITS {
            return Err(format!(
                "a condition reads more than {MAX_CONDITION_BITS} measured bits"
            ));
        }
        for assignment in 0..1usize << wired.len() {
            let read = |bit: ardea_circuit::Clbit| {
                wired
                    .iter()
                    .position(|&(index, _)| index == bit.index())
                    .is_some_and(|place| assignment >> place & 1 == 1)
            };
            let value = condition.evaluate(&read);
            let mut all = controls.to_vec();
            let mut possible = true;
            for (place, &(_, wire)) in wired.iter().enumerate() {
                let on = assignment >> place & 1 == 1;
                match controls.iter().find(|control| control.0 == wire) {
                    Some(&(_, known)) => possible &= known == on,
                    None => all.push((wire, on)),
                }
            }
            if possible {
                body(self, &value, &all)?;
            }
        }
        Ok(())
    }

    fn measure(&mut self, qubit: usize, bit: usize, is_last: bool) -> Result<(), String> {
        let wire = self.wire_of(qubit)?;
        if is_last {
            self.measured.insert(wire, bit);
            self.program.bits[bit] = Some(wire);
            return Ok(());
        }
        let times = self.writes.entry(bit).or_insert(0);
        let source = Source::Measurement(bit, *times);
        *times += 1;
        let copy = self.add_wire(source, Start::Zero)?;
        self.program.bits[bit] = Some(copy);
        self.gate(&Operation::Gate(Gate::CX), &[wire, copy], &[], 0)
    }

    fn reset(&mut self, qubit: usize) -> Result<(), String> {
        let wire = self.wire_of(qubit)?;
        if self.fresh[wire] && self.program.wires[wire].start == Start::Zero {
            return Ok(());
        }
        let source = Source::Reset(self.resets);
        self.resets += 1;
        self.at[qubit] = Some(self.add_wire(source, Start::Zero)?);
        Ok(())
    }
}
