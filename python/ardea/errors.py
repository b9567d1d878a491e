"""Exceptions raised by Ardea. All derive from :class:`ArdeaError`; messages say what was wrong and what to do."""


class ArdeaError(Exception):
    """Base of every exception that Ardea raises on purpose."""


class CircuitError(ArdeaError, ValueError):
    """A circuit, gate, angle or operator that cannot be built or transformed."""


class QasmError(ArdeaError, ValueError):
    """OpenQASM text that cannot be read, or a circuit that cannot be written as OpenQASM.

    ``line`` and ``column`` (counted from 1) point at the first problem; both are 0 when the problem has no place in
    a text.
    """

    line: int
    column: int

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column

    def __reduce__(self) -> tuple[type["QasmError"], tuple[str, int, int]]:
        return type(self), (str(self), self.line, self.column)


class TargetError(ArdeaError, ValueError):
    """A device that cannot be found, read or described."""


class CompileError(ArdeaError):
    """A circuit that cannot be compiled for a target."""


class EquivalenceError(ArdeaError, ValueError):
    """Two circuits that cannot be compared: different numbers of inputs, or a layout that does not fit."""


class SimulationError(ArdeaError):
    """A circuit that cannot be simulated."""


class OutOfMemoryError(SimulationError, MemoryError):
    """A state that does not fit in the memory that may be used; the message names both numbers."""


class ModelError(ArdeaError, ValueError):
    """A physical model that cannot be described, turned into a circuit or solved."""


class ConversionError(ArdeaError):
    """Something in another library's circuit that has no counterpart here, or the reverse."""


class InternalError(ArdeaError):
    """A bug in Ardea. The interpreter and all other objects stay usable; please report it with the circuit."""
