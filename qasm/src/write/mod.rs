//! Writing
use crate::options::WriteOptions;
use ardea_circuit::Circuit;
/// e
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// x
    #[error("x")]
    X,
}
/// a
pub fn to_qasm2(_c: &Circuit, _o: &WriteOptions) -> Result<String, WriteError> {
    Err(WriteError::X)
}
/// a
pub fn to_qasm3(_c: &Circuit, _o: &WriteOptions) -> Result<String, WriteError> {
    Err(WriteError::X)
}
