//! The wave function in the sector of fixed numbers of up and down particles.
//!
//! Both circuits and Hamiltonian keep these numbers, so instead of 4^L amplitudes only C(L, up)
//! C(L, down) are needed, kept as a matrix with one row for each arrangement of the ups and one
//! column for each of the downs. A hop rotates pairs of rows or pairs of columns, and the
//! interaction is diagonal. With the ups ahead of the downs in the fermionic order, a hop's sign
//! depends on the particles of its own spin between the two sites only.

use nalgebra::DMatrix;
use num_complex::Complex64;

use super::arrangements::{Arrangements, MOST_SITES, binomial};
use super::chebyshev::{self, Spectrum};
use super::free::one_particle_hamiltonian;
use super::hop_rotation;
use crate::correlations::Correlations;
use crate::error::{ModelError, finite};
use crate::hubbard::FermiHubbard;
use crate::lattice::Bond;
use crate::memory;
use crate::mode::{Mode, Spin};
use crate::occupation::Occupation;
use crate::trotter::{Formula, Layer, Term, TimeGrid};

/// The basis of a sector and what hops do in it.
#[derive(Debug, Clone)]
pub struct Sector {
    model: FermiHubbard,
    up: Arrangements,
    down: Arrangements,
}

impl Sector {
    /// The sector of a model with given numbers of particles, if it and the vectors of its
    /// evolution fit into memory.
    pub fn new(model: &FermiHubbard, up: usize, down: usize) -> Result<Self, ModelError> {
        let sites = model.num_sites();
        if sites > MOST_SITES {
            return Err(ModelError::LatticeSize {
                sites,
                most: MOST_SITES,
            });
        }
        memory::check(Self::bytes_needed(
            sites,
            up,
            down,
            model.lattice().bonds().len(),
        )?)?;
        let bonds = model.lattice().bonds();
        Ok(Self {
            model: model.clone(),
            up: Arrangements::new(sites, up, bonds),
            down: Arrangements::new(sites, down, bonds),
        })
    }

    /// The number of basis states.
    pub fn dimension(&self) -> usize {
        self.up.len() * self.down.len()
    }

    /// The model whose sector this is.
    pub fn model(&self) -> &FermiHubbard {
        &self.model
    }

    /// The state in which exactly the given modes are full.
    fn product_state(&self, start: &Occupation) -> Vec<Complex64> {
        let mut amplitudes = vec![Complex64::ZERO; self.dimension()];
        let row = self.up.position(start.modes(Spin::Up));
        let column = self.down.position(start.modes(Spin::Down));
        amplitudes[row * self.down.len() + column] = Complex64::ONE;
        amplitudes
    }

    fn bytes_needed(sites: usize, up: usize, down: usize, bonds: usize) -> Result<u64, ModelError> {
        let too_large = ModelError::TooLarge {
            what: "the number of basis states",
        };
        let (rows, columns) = (binomial(sites, up), binomial(sites, down));
        let tables = (rows + columns) * (32 + 48 * bonds as u64);
        let vectors = rows
            .checked_mul(columns)
            .and_then(|states| states.checked_mul(16 * chebyshev::VECTORS));
        vectors
            .and_then(|bytes| bytes.checked_add(tables))
            .ok_or(too_large)
    }

    /// An interval that holds all energies: the extreme kinetic energies of each spin, and every
    /// doublon at once.
    fn spectrum(&self) -> Spectrum {
        let mut energies: Vec<f64> = one_particle_hamiltonian(&self.model)
            .symmetric_eigenvalues()
            .iter()
            .copied()
            .collect();
        energies.sort_by(f64::total_cmp);
        let lowest = |count: usize| energies.iter().take(count).sum::<f64>();
        let highest = |count: usize| energies.iter().rev().take(count).sum::<f64>();
        let (up, down) = (self.up.particles, self.down.particles);
        let all_doublons = self.model.interaction() * up.min(down) as f64;
        Spectrum {
            lowest: lowest(up) + lowest(down) + all_doublons.min(0.0),
            highest: highest(up) + highest(down) + all_doublons.max(0.0),
        }
    }

    /// image = H vector.
    fn apply_hamiltonian(&self, vector: &[Complex64], image: &mut [Complex64]) {
        let width = self.down.len();
        for (row, to) in image.chunks_exact_mut(width).enumerate() {
            let from = &vector[row * width..][..width];
            self.apply_within_row(row, from, to);
            for &(source, sign) in &self.up.neighbours[row] {
                let weight = -self.model.hopping() * sign;
                let from = &vector[source as usize * width..][..width];
                to.iter_mut()
                    .zip(from)
                    .for_each(|(to, from)| *to += from * weight);
            }
        }
    }

    /// The interaction and the hops of the downs, for one arrangement of the ups.
    fn apply_within_row(&self, row: usize, from: &[Complex64], to: &mut [Complex64]) {
        let up = self.up.masks[row];
        let columns = self.down.masks.iter().zip(&self.down.neighbours);
        for ((to, from_here), (down, neighbours)) in to.iter_mut().zip(from).zip(columns) {
            let doublons = f64::from((up & down).count_ones());
            let hops: Complex64 = neighbours
                .iter()
                .map(|&(source, sign)| from[source as usize] * sign)
                .sum();
            *to = from_here * (self.model.interaction() * doublons) - hops * self.model.hopping();
        }
    }

    fn apply_layer(&self, layer: &Layer, amplitudes: &mut [Complex64]) {
        let hop_angle = -self.model.hopping() * layer.duration;
        for term in &layer.terms {
            match *term {
                Term::Hop { bond, spin } => self.apply_hop(bond, spin, hop_angle, amplitudes),
                Term::OnSite { site } => {
                    self.apply_phase(site, -self.model.interaction() * layer.duration, amplitudes);
                }
            }
        }
    }

    fn apply_hop(&self, bond: Bond, spin: Spin, angle: f64, amplitudes: &mut [Complex64]) {
        let Ok(index) = self.model.lattice().bonds().binary_search(&bond) else {
            unreachable!("layers hold only bonds of their own lattice, which are sorted")
        };
        let width = self.down.len();
        match spin {
            Spin::Up => {
                for pair in &self.up.hops[index] {
                    let (head, tail) = amplitudes.split_at_mut(pair.b() * width);
                    let first = &mut head[pair.a() * width..][..width];
                    let (cosine, sine) = hop_rotation(angle * pair.sign);
                    first
                        .iter_mut()
                        .zip(&mut tail[..width])
                        .for_each(|(x, y)| rotate(x, y, cosine, sine));
                }
            }
            Spin::Down => {
                for row in amplitudes.chunks_exact_mut(width) {
                    for pair in &self.down.hops[index] {
                        let (head, tail) = row.split_at_mut(pair.b());
                        let (cosine, sine) = hop_rotation(angle * pair.sign);
                        rotate(&mut head[pair.a()], &mut tail[0], cosine, sine);
                    }
                }
            }
        }
    }

    /// Turns all states with both spins on `site` by a phase.
    fn apply_phase(&self, site: usize, angle: f64, amplitudes: &mut [Complex64]) {
        let phase = Complex64::from_polar(1.0, angle);
        let rows = amplitudes
            .chunks_exact_mut(self.down.len())
            .zip(&self.up.masks);
        for (row, _) in rows.filter(|(_, up)| *up >> site & 1 == 1) {
            let columns = row.iter_mut().zip(&self.down.masks);
            columns
                .filter(|(_, down)| *down >> site & 1 == 1)
                .for_each(|(amplitude, _)| *amplitude *= phase);
        }
    }
}

fn rotate(x: &mut Complex64, y: &mut Complex64, cosine: f64, sine: Complex64) {
    (*x, *y) = (*x * cosine + *y * sine, *y * cosine + *x * sine);
}

/// A wave function in a sector.
#[derive(Debug, Clone)]
pub struct SectorState {
    sector: Sector,
    amplitudes: Vec<Complex64>,
}

impl SectorState {
    /// The given product state, in the sector of its particle numbers.
    pub fn new(model: &FermiHubbard, start: &Occupation) -> Result<Self, ModelError> {
        start.check_sites(model.num_sites())?;
        let sector = Sector::new(model, start.count(Spin::Up), start.count(Spin::Down))?;
        let amplitudes = sector.product_state(start);
        Ok(Self { sector, amplitudes })
    }

    /// The sector in which the state lives.
    pub fn sector(&self) -> &Sector {
        &self.sector
    }

    /// Evolves by the exact dynamics.
    pub fn evolve(&mut self, time: f64) -> Result<&mut Self, ModelError> {
        let time = finite("the time", time)?;
        let sector = &self.sector;
        chebyshev::evolve(&mut self.amplitudes, time, sector.spectrum(), |x, y| {
            sector.apply_hamiltonian(x, y)
        });
        Ok(self)
    }

    /// Evolves by a product formula.
    pub fn evolve_trotterised(
        &mut self,
        formula: Formula,
        grid: TimeGrid,
    ) -> Result<&mut Self, ModelError> {
        for layer in formula.layers(&self.sector.model, grid)? {
            self.sector.apply_layer(&layer, &mut self.amplitudes);
        }
        Ok(self)
    }

    /// `<H>`.
    pub fn energy(&self) -> f64 {
        let mut image = vec![Complex64::ZERO; self.amplitudes.len()];
        self.sector.apply_hamiltonian(&self.amplitudes, &mut image);
        self.amplitudes
            .iter()
            .zip(&image)
            .map(|(a, b)| (a.conj() * b).re)
            .sum()
    }

    /// All densities and their products.
    pub fn correlations(&self) -> Correlations {
        let sites = self.sector.model.num_sites();
        let mut products = DMatrix::zeros(2 * sites, 2 * sites);
        let rows = self.amplitudes.chunks_exact(self.sector.down.len());
        for (row, &up) in rows.zip(&self.sector.up.masks) {
            for (amplitude, &down) in row.iter().zip(&self.sector.down.masks) {
                add_products(
                    &mut products,
                    u64::from(up) | u64::from(down) << sites,
                    amplitude.norm_sqr(),
                );
            }
        }
        for a in 0..2 * sites {
            for b in 0..a {
                products[(a, b)] = products[(b, a)];
            }
        }
        Correlations::from_products(sites, products)
    }

    /// The probability of finding exactly the given modes full.
    pub fn probability(&self, outcome: &Occupation) -> f64 {
        let Sector { model, up, down } = &self.sector;
        let fits = outcome.num_sites() == model.num_sites()
            && outcome.count(Spin::Up) == up.particles
            && outcome.count(Spin::Down) == down.particles;
        if !fits {
            return 0.0;
        }
        let row = up.position(outcome.modes(Spin::Up));
        self.amplitudes[row * down.len() + down.position(outcome.modes(Spin::Down))].norm_sqr()
    }

    /// `<n>` of one mode, without the cost of all products.
    pub fn density(&self, mode: Mode) -> Result<f64, ModelError> {
        let site = self.sector.model.lattice().check_site(mode.site)?;
        let rows = self
            .amplitudes
            .chunks_exact(self.sector.down.len())
            .zip(&self.sector.up.masks);
        Ok(rows
            .map(|(row, up)| match mode.spin {
                Spin::Up if up >> site & 1 == 0 => 0.0,
                Spin::Up => row.iter().map(Complex64::norm_sqr).sum(),
                Spin::Down => {
                    let full = row
                        .iter()
                        .zip(&self.sector.down.masks)
                        .filter(|(_, down)| *down >> site & 1 == 1);
                    full.map(|(amplitude, _)| amplitude.norm_sqr()).sum()
                }
            })
            .sum())
    }
}

/// Adds a weight to the upper triangle at every pair of set bits.
fn add_products(products: &mut DMatrix<f64>, full: u64, weight: f64) {
    let mut columns = full;
    while columns != 0 {
        let b = columns.trailing_zeros() as usize;
        columns &= columns - 1;
        let mut rows = full & (u64::MAX >> (63 - b));
        while rows != 0 {
            products[(rows.trailing_zeros() as usize, b)] += weight;
            rows &= rows - 1;
        }
    }
}

#[cfg(test)]
mod tests;
