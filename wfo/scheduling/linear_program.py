"""A linear program put together from arrays and solved by OR-Tools' GLOP, single-threaded."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from ortools.linear_solver.python import model_builder_helper as helper

_SLACK = 1e-7


@dataclass
class LinearProgram:
    """Maximise a sum over non-negative columns, rows between limits.

    Attributes
    ----------
    n_cols, n_rows : int
    """

    n_cols: int = 0
    n_rows: int = 0
    _value: list[np.ndarray] = field(default_factory=list)
    _most: list[np.ndarray] = field(default_factory=list)
    _low: list[np.ndarray] = field(default_factory=list)
    _high: list[np.ndarray] = field(default_factory=list)
    _terms: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def columns(
        self, n: int, value: np.ndarray | float = 0.0, most: np.ndarray | float = np.inf
    ) -> np.ndarray:
        """Numbers of `n` new columns with their value for a unit and upper limit."""
        self._value.append(np.broadcast_to(np.asarray(value, float), n))
        self._most.append(np.broadcast_to(np.asarray(most, float), n))
        self.n_cols += n
        return np.arange(self.n_cols - n, self.n_cols)

    def rows(self, n: int, low: np.ndarray | float = 0.0, high: np.ndarray | float = 0.0) -> np.ndarray:
        """Numbers of `n` new rows with their limits."""
        self._low.append(np.broadcast_to(np.asarray(low, float), n))
        self._high.append(np.broadcast_to(np.asarray(high, float), n))
        self.n_rows += n
        return np.arange(self.n_rows - n, self.n_rows)

    def put(self, rows: np.ndarray, columns: np.ndarray, coef: np.ndarray | float) -> None:
        """Add coefficients; rows, columns and coefficients go together (repeated pairs add up)."""
        self._terms.append(np.broadcast_arrays(rows, columns, np.asarray(coef, float)))

    def solve(self, iterations: int, seconds: float | None = None) -> tuple[float, np.ndarray] | None:
        """Optimum (a hair above it) and the gain for a unit more of each row's right-hand side.

        Parameters
        ----------
        iterations : int
            Simplex iterations, at most.
        seconds : float, optional
            Time limit.

        Returns
        -------
        (float, ndarray) or None
            None when the solver stopped before the optimum.
        """
        row, column, coef = (np.concatenate([t[n].ravel() for t in self._terms]) for n in range(3))
        matrix = sp.csr_matrix((coef, (row, column)), shape=(self.n_rows, self.n_cols))
        model = helper.ModelBuilderHelper()
        limits = [self._most, self._value, self._low, self._high]
        most, value, low, high = _vectors(limits)
        least: Any = np.zeros(self.n_cols)
        model.fill_model_from_sparse_data(least, most, value, low, high, matrix)
        model.set_maximize(True)
        solver = helper.ModelSolverHelper("glop")
        solver.set_solver_specific_parameters(f"max_number_of_iterations: {iterations}")
        if seconds is not None:
            solver.set_time_limit_in_seconds(seconds)
        solver.solve(model)
        if solver.status() != helper.SolveStatus.OPTIMAL:
            return None
        best = float(solver.objective_value())
        return best + _SLACK * max(1.0, abs(best)), np.asarray(solver.dual_values(), float)


def _vectors(parts: list[list[np.ndarray]]) -> list[Any]:
    """Each list of pieces as one vector."""
    return [np.concatenate(pieces) for pieces in parts]
