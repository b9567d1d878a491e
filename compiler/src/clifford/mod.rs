//! Clifford operators written anew with few two-qubit gates, anywhere or on a coupling graph.

pub(crate) mod all_to_all;
pub(crate) mod block;
pub(crate) mod collect;
mod cost;
mod gather;
pub(crate) mod on_graph;
mod pair;
pub(crate) mod reduction;
mod resynthesise;
mod routed;
mod search;
pub(crate) mod state;
pub(crate) mod symplectic;
pub use resynthesise::ResynthesizeClifford;
pub use routed::ResynthesizeRoutedClifford;

#[cfg(test)]
mod tests;
