//! Minimising a smooth function of many angles: L-BFGS (Nocedal and Wright, Numerical Optimization, chapter 7).
//!
//! The functions here are distances between unitaries: zero at a solution, quadratic around it, and with many local
//! minima elsewhere, at which there is no sense in staying. So the search ends early where it crawls.
//!
//! Everything is inlined into the caller, who may compile it for the vector unit at hand; no sum is reordered by that,
//! so the result is the same on every machine.

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A value below this is a solution.
    pub(crate) solved: f64,
    /// Steps at most.
    pub(crate) steps: usize,
    /// Steps after which the value must have fallen by a tenth.
    pub(crate) patience: usize,
}

/// Steps remembered.
const MEMORY: usize = 16;
/// Least decrease of a step, as a part of what the slope promises.
const ARMIJO: f64 = 1e-4;
/// The slope along a step falls to this part at least.
const WOLFE: f64 = 0.9;
/// Lengths of a step tried before it is given up.
const TRIALS: usize = 25;

/// Moves `point` downhill on `function`, which returns the value at a point and writes the gradient; the value reached.
#[inline(always)]
pub(crate) fn minimise(
    point: &mut [f64],
    limits: Limits,
    mut function: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> f64 {
    let size = point.len();
    let (mut slope, mut next_slope) = (vec![0.0; size], vec![0.0; size]);
    let (mut next, mut direction) = (vec![0.0; size], vec![0.0; size]);
    let mut memory = Memory::new(size);
    let mut value = function(point, &mut slope);
    let mut mark = value;
    for step in 1..=limits.steps {
        if value < limits.solved {
            break;
        }
        if step % limits.patience == 0 {
            if value > 0.9 * mark {
                break;
            }
            mark = value;
        }
        memory.descend(&slope, &mut direction);
        let mut descent = dot(&direction, &slope);
        if descent >= 0.0 {
            memory.clear();
            memory.descend(&slope, &mut direction);
            descent = dot(&direction, &slope);
        }
        // Bisection for the two weak Wolfe conditions: enough of a fall, and the slope no longer as steep, without which
        // the step would teach nothing about the curvature.
        let (mut shortest, mut longest) = (0.0, f64::INFINITY);
        let mut length = 1.0;
        let mut found = None;
        for _ in 0..TRIALS {
            for index in 0..size {
                next[index] = point[index] + length * direction[index];
            }
            let there = function(&next, &mut next_slope);
            if there > value + ARMIJO * length * descent {
                longest = length;
                found = None;
            } else {
                found = Some(there);
                if dot(&direction, &next_slope) >= WOLFE * descent {
                    break;
                }
                shortest = length;
            }
            length = if longest.is_finite() {
                0.5 * (shortest + longest)
            } else {
                2.0 * length
            };
        }
        let Some(there) = found else { break };
        memory.learn(point, &next, &slope, &next_slope);
        point.copy_from_slice(&next);
        std::mem::swap(&mut slope, &mut next_slope);
        value = there;
    }
    value
}

/// The last steps and the changes of the gradient along them, newest last.
struct Memory {
    size: usize,
    steps: Vec<f64>,
    changes: Vec<f64>,
    /// One over the products of the two.
    weights: Vec<f64>,
}

impl Memory {
    fn new(size: usize) -> Self {
        let room = MEMORY * size;
        Self {
            size,
            steps: Vec::with_capacity(room),
            changes: Vec::with_capacity(room),
            weights: Vec::with_capacity(MEMORY),
        }
    }

    fn clear(&mut self) {
        self.steps.clear();
        self.changes.clear();
        self.weights.clear();
    }

    #[inline(always)]
    fn learn(&mut self, from: &[f64], to: &[f64], slope: &[f64], next_slope: &[f64]) {
        if self.weights.len() == MEMORY {
            self.steps.drain(..self.size);
            self.changes.drain(..self.size);
            self.weights.remove(0);
        }
        let start = self.steps.len();
        self.steps
            .extend(to.iter().zip(from).map(|(to, from)| to - from));
        self.changes
            .extend(next_slope.iter().zip(slope).map(|(to, from)| to - from));
        let (step, change) = (&self.steps[start..], &self.changes[start..]);
        let along = dot(step, change);
        if along > 1e-14 * (dot(step, step) * dot(change, change)).sqrt() {
            self.weights.push(1.0 / along);
        } else {
            self.steps.truncate(start);
            self.changes.truncate(start);
        }
    }

    /// The quasi-Newton direction by the two-loop recursion.
    #[inline(always)]
    fn descend(&self, slope: &[f64], direction: &mut [f64]) {
        for (to, from) in direction.iter_mut().zip(slope) {
            *to = -from;
        }
        let count = self.weights.len();
        let step = |index: usize| &self.steps[index * self.size..][..self.size];
        let change = |index: usize| &self.changes[index * self.size..][..self.size];
        let mut factors = [0.0; MEMORY];
        for index in (0..count).rev() {
            factors[index] = self.weights[index] * dot(step(index), direction);
            add(direction, -factors[index], change(index));
        }
        if let Some(last) = count.checked_sub(1) {
            let scale = 1.0 / (self.weights[last] * dot(change(last), change(last)));
            direction.iter_mut().for_each(|entry| *entry *= scale);
        }
        for (index, factor) in factors.iter().enumerate().take(count) {
            let back = self.weights[index] * dot(change(index), direction);
            add(direction, factor - back, step(index));
        }
    }
}

/// A sum in eight lanes, the same on every vector unit.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a_chunks
        .remainder()
        .iter()
        .zip(b_chunks.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

#[inline(always)]
fn add(to: &mut [f64], factor: f64, from: &[f64]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += factor * from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_minimum_of_a_bent_valley() {
        // Rosenbrock's function: 0 at (1, 1).
        let mut point = [-1.2, 1.0];
        let limits = Limits {
            solved: 1e-20,
            steps: 200,
            patience: 100,
        };
        let value = minimise(&mut point, limits, |p, g| {
            let (x, y) = (p[0], p[1]);
            g[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            g[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        });
        assert!(value < 1e-18, "{value}");
        assert!((point[0] - 1.0).abs() < 1e-8 && (point[1] - 1.0).abs() < 1e-8);
    }
}
