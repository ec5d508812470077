"""What a reconciliation may be told; plain values, so that it can be built where torch and cv2 are not."""

from __future__ import annotations

from dataclasses import dataclass

METHODS = ("pawtrait", "paper")


@dataclass(frozen=True, slots=True)
class ReconcileOptions:
    """How to search. Angles in degrees, memory in megabytes."""

    method: str = "pawtrait"
    """"pawtrait" (ours) or "paper" (Mueller et al., as written)."""
    device: str = "auto"
    """"auto", "cpu" or "cuda"."""
    max_rotation_deg: float = 60.0
    """Rotations from minus to plus this; 180 searches all directions."""
    mirror: bool = True
    """Also try the designer image mirrored."""
    max_memory_mb: int = 1024
    """Chunks of the search stay below this."""
    paper_long_side: int = 128
    """The "paper" method shrinks the original to this long side, pixels: its direct convolution costs the fourth
    power of it (seconds at 128, hours at full size on a CPU). Its placements are as coarse as that."""
    paper_rotation_step_deg: float = 7.5
    """Its grid: from minus to plus ``max_rotation_deg`` in steps of this …"""
    paper_smallest: float = 0.15
    paper_largest: float = 1.25
    """… and long sides of the designer image from and to these shares of the original's …"""
    paper_scale_step: float = 1.1
    """… each so many times the one before."""
