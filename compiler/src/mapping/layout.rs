//! Where wires start: first guesses that routing then improves.
//!
//! Groups of interacting wires are given to connected components of the device. Inside one, a guess
//! is a compact region grown around a seed, filled either by interaction (each wire next to the
//! partners that are already placed) or at random; routing the circuit back and forth turns either
//! into a good layout (Li, Ding, Xie 2019, arXiv:1809.02573).

use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::embed::Interactions;
use super::graph::{APART, DeviceGraph, NONE};

/// How a region is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filling {
    /// Strongest interactions first, each next to its partners.
    ByInteraction,
    /// Any wire anywhere.
    AtRandom,
}

/// Active wires that must share a component, and the component they are given.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    pub(crate) wires: Vec<u32>,
    pub(crate) component: usize,
}

/// Why circuit and device do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// More active wires than live qubits.
    TooMany { needed: usize, available: usize },
    /// A group of interacting wires is larger than what is free of any component.
    Apart { needed: usize, largest: usize },
}

/// Gives every group of interacting wires a component: all of them the largest one where they fit,
/// otherwise large groups first, each to the fullest component that still has room.
pub(crate) fn share_out(pattern: &Interactions, graph: &DeviceGraph) -> Result<Vec<Share>, Misfit> {
    let mut groups = pattern.groups();
    let alone = (0..pattern.num_wires() as u32)
        .filter(|&w| pattern.degree(w) == 0 && pattern.active[w as usize]);
    groups.extend(alone.map(|w| vec![w]));
    let needed: usize = groups.iter().map(Vec::len).sum();
    let available: usize = graph.components().iter().map(Vec::len).sum();
    if needed > available {
        return Err(Misfit::TooMany { needed, available });
    }
    let mut free: Vec<usize> = graph.components().iter().map(Vec::len).collect();
    let largest = free.first().copied().unwrap_or(0);
    let mut shares: Vec<Share> = (0..free.len())
        .map(|component| Share {
            wires: Vec::new(),
            component,
        })
        .collect();
    for group in groups {
        let room = (0..free.len()).filter(|&c| free[c] >= group.len());
        let chosen = if needed <= largest {
            Some(0)
        } else {
            room.min_by_key(|&c| (free[c], c))
        };
        let Some(component) = chosen else {
            return Err(Misfit::Apart {
                needed: group.len(),
                largest,
            });
        };
        free[component] -= group.len();
        shares[component].wires.extend(group);
    }
    shares.retain(|share| !share.wires.is_empty());
    Ok(shares)
}

/// A first guess: every active wire placed inside its share's component.
pub(crate) fn guess(
    pattern: &Interactions,
    graph: &DeviceGraph,
    shares: &[Share],
    filling: Filling,
    random: &mut Pcg64Mcg,
) -> Vec<u32> {
    let mut place = vec![NONE; pattern.num_wires()];
    for share in shares {
        let members = &graph.components()[share.component];
        let mut region = grow(graph, members, share.wires.len(), random);
        match filling {
            Filling::ByInteraction => {
                fill(pattern, graph, &share.wires, region, &mut place, random)
            }
            Filling::AtRandom => {
                shuffle(&mut region, random);
                for (&wire, qubit) in share.wires.iter().zip(region) {
                    place[wire as usize] = qubit;
                }
            }
        }
    }
    place
}

/// Puts the wires that are not placed yet on free qubits, live ones first; false if there are not
/// enough qubits at all.
pub(crate) fn complete(graph: &DeviceGraph, place: &mut [u32]) -> bool {
    let mut taken = vec![false; graph.num_qubits()];
    place
        .iter()
        .filter(|&&q| q != NONE)
        .for_each(|&q| taken[q as usize] = true);
    let mut free: Vec<u32> = (0..graph.num_qubits() as u32)
        .filter(|&q| !taken[q as usize])
        .collect();
    free.sort_by_key(|&q| (!graph.is_live(q), q));
    let mut free = free.into_iter();
    place.iter_mut().filter(|q| **q == NONE).all(|slot| {
        free.next().is_some_and(|qubit| {
            *slot = qubit;
            true
        })
    })
}

/// A compact set of `size` qubits around a random seed: the next qubit is the one with the most
/// neighbours inside, then the cheapest edges.
fn grow(graph: &DeviceGraph, members: &[u32], size: usize, random: &mut Pcg64Mcg) -> Vec<u32> {
    let seed = members[random.random_range(0..members.len())];
    let mut inside = vec![false; graph.num_qubits()];
    let mut region = vec![seed];
    inside[seed as usize] = true;
    let mut border: Vec<u32> = graph.neighbours(seed).to_vec();
    let mean = graph.mean_edge_cost();
    while region.len() < size && !border.is_empty() {
        let score = |q: u32| -> f64 {
            let links = graph.neighbours(q).iter().zip(graph.incident(q));
            let inner = links.filter(|(to, _)| inside[**to as usize]);
            let worth: f64 = inner
                .map(|(_, &e)| 1.0 - 0.1 * (graph.edge_cost(e) / mean).min(5.0))
                .sum();
            worth - 0.15 * f64::from(graph.distance(seed, q))
        };
        let best = border
            .iter()
            .enumerate()
            .max_by(|x, y| score(*x.1).total_cmp(&score(*y.1)).then(y.1.cmp(x.1)))
            .map_or(0, |x| x.0);
        let qubit = border.swap_remove(best);
        inside[qubit as usize] = true;
        region.push(qubit);
        let fresh: Vec<u32> = graph
            .neighbours(qubit)
            .iter()
            .copied()
            .filter(|&q| !inside[q as usize] && !border.contains(&q))
            .collect();
        border.extend(fresh);
    }
    region
}

/// Places each wire where it is closest to its placed partners, strongest bonds first.
fn fill(
    pattern: &Interactions,
    graph: &DeviceGraph,
    wires: &[u32],
    mut region: Vec<u32>,
    place: &mut [u32],
    random: &mut Pcg64Mcg,
) {
    let total = |w: u32| pattern.neighbours(w).iter().map(|x| x.1).sum::<f64>();
    let mut left: Vec<u32> = wires.to_vec();
    shuffle(&mut left, random);
    let mut bond = vec![0.0f64; pattern.num_wires()];
    while !left.is_empty() && !region.is_empty() {
        let key = |w: u32| (bond[w as usize], total(w));
        let at = (0..left.len())
            .max_by(|&x, &y| {
                let (x, y) = (key(left[x]), key(left[y]));
                x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1))
            })
            .unwrap_or(0);
        let wire = left.swap_remove(at);
        let far = |q: u32| -> f64 {
            let placed = pattern
                .neighbours(wire)
                .iter()
                .filter(|x| place[x.0 as usize] != NONE);
            placed
                .map(|x| {
                    let hops = graph.distance(q, place[x.0 as usize]);
                    if hops == APART {
                        1e6
                    } else {
                        x.1 * f64::from(hops)
                    }
                })
                .sum()
        };
        let best = (0..region.len())
            .min_by(|&x, &y| far(region[x]).total_cmp(&far(region[y])).then(x.cmp(&y)))
            .unwrap_or(0);
        // Keeps the order of growth, whose first qubits are the most central.
        place[wire as usize] = region.remove(best);
        for &(to, weight) in pattern.neighbours(wire) {
            bond[to as usize] += weight;
        }
    }
}

fn shuffle<T>(list: &mut [T], random: &mut Pcg64Mcg) {
    for i in (1..list.len()).rev() {
        list.swap(i, random.random_range(0..=i));
    }
}

#[cfg(test)]
mod tests {
    use super::super::embed::samples::{chain, pattern};
    use super::super::graph::samples::{grid, uniform};
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn groups_are_spread_over_components_when_they_must() {
        let graph = uniform(7, &[(0, 1), (1, 2), (2, 3), (4, 5), (5, 6)]);
        let pairs = pattern(7, &[(0, 1), (1, 2), (3, 4), (4, 5), (5, 6)]);
        let shares = share_out(&pairs, &graph).unwrap();
        assert_eq!(shares.len(), 2);
        for filling in [Filling::ByInteraction, Filling::AtRandom] {
            let mut random = Pcg64Mcg::seed_from_u64(1);
            let place = guess(&pairs, &graph, &shares, filling, &mut random);
            for (a, b, _) in pairs.pairs() {
                let (p, q) = (place[a as usize], place[b as usize]);
                assert_eq!(graph.component(p), graph.component(q));
            }
            let mut sorted = place.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..7).collect::<Vec<_>>());
        }
    }

    #[test]
    fn misfits_are_told_apart() {
        let graph = uniform(4, &[(0, 1), (2, 3)]);
        let too_many = share_out(&chain(5), &graph).err();
        assert_eq!(
            too_many,
            Some(Misfit::TooMany {
                needed: 5,
                available: 4
            })
        );
        let apart = share_out(&chain(3), &graph).err();
        assert_eq!(
            apart,
            Some(Misfit::Apart {
                needed: 3,
                largest: 2
            })
        );
    }

    #[test]
    fn idle_wires_take_what_is_left() {
        let mut place = vec![NONE, 4, NONE];
        assert!(complete(&grid(2, 3), &mut place));
        assert_eq!(place, [0, 4, 1]);
        assert!(!complete(&grid(1, 2), &mut [NONE; 3]));
    }
}
