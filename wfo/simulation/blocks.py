"""Blocks: a kernel's memory put together, given room for contacts, and its parts read."""

from dataclasses import dataclass, field

import numpy as np

from wfo.simulation.memory import (
    AGENTS_MOST,
    BINS,
    CONTACT_SIZE,
    CONTACTS,
    CONTACTS_END,
    CONTACTS_MOST,
    F_REGISTERS,
    FOUND,
    HEAP,
    HEAP_SIZE,
    NEXT_CONTACT,
    REGISTERS,
    SORTED,
)


@dataclass
class Plan:
    """Blocks of a memory under construction.

    Attributes
    ----------
    registers : ndarray of int64
        Addresses are written here as blocks are placed.
    ints, floats : list of ndarray
        Blocks in order.
    """

    registers: np.ndarray = field(default_factory=lambda: np.zeros(REGISTERS, dtype=np.int64))
    ints: list[np.ndarray] = field(default_factory=list)
    floats: list[np.ndarray] = field(default_factory=lambda: [np.zeros(F_REGISTERS)])
    _int_end: int = REGISTERS
    _float_end: int = F_REGISTERS

    def place(self, register: int, block: np.ndarray) -> None:
        """Append an integer block and note its address."""
        flat = np.array(block, dtype=np.int64).ravel()
        self.registers[register] = self._int_end
        self.ints.append(flat)
        self._int_end += len(flat)

    def place_float(self, register: int, block: np.ndarray) -> None:
        """Append a float block and note its address."""
        flat = np.array(block, dtype=np.float64).ravel()
        self.registers[register] = self._float_end
        self.floats.append(flat)
        self._float_end += len(flat)

    def memory(self) -> tuple[np.ndarray, np.ndarray]:
        """Both memories, all blocks but events and contacts."""
        return np.concatenate([self.registers, *self.ints]), np.concatenate(self.floats)


def with_room(memory: np.ndarray, contacts: int, agents: int) -> np.ndarray:
    """Copy of a memory with room for so many contacts, their events and their sorting appended.

    Raises
    ------
    ValueError
        If there are more contacts or agents than an event can name.
    """
    if contacts > CONTACTS_MOST or agents > AGENTS_MOST:
        raise ValueError(
            f"a simulation of {contacts:,} contacts and {agents:,} agents is too large; at most "
            f"{CONTACTS_MOST:,} and {AGENTS_MOST:,} fit. Simulate fewer days at a time"
        )
    events = 4 * contacts + 32 * agents + 64
    sizes = {HEAP: events, FOUND: contacts, SORTED: contacts, BINS: contacts + 2}
    room = np.empty(len(memory) + sum(sizes.values()) + contacts * CONTACT_SIZE, dtype=np.int64)
    room[: len(memory)] = memory
    room[HEAP_SIZE] = events
    end = len(memory)
    for register, size in sizes.items():
        room[register] = end
        end += size
    room[CONTACTS] = room[NEXT_CONTACT] = end
    room[CONTACTS_END] = len(room)
    return room


def block(memory: np.ndarray, register: int, shape: tuple[int, ...]) -> np.ndarray:
    """View of a block."""
    start = int(memory[register])
    return memory[start : start + int(np.prod(shape))].reshape(shape)
