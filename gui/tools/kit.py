"""Makes the tools by name."""

from __future__ import annotations

from gui.tools.base import Options, Tool, ToolName
from gui.tools.picks import FillTool, WandTool
from gui.tools.shapes import LassoTool, PolygonTool
from gui.tools.strokes import BandTool, BrushTool


def make_tool(name: ToolName, size: tuple[int, int], options: Options) -> Tool:
    """Return a tool for a mask of a size (width, height)."""
    if name in (ToolName.BRUSH, ToolName.ERASER):
        return BrushTool(name, size, options)
    if name in (ToolName.REFINE, ToolName.EDGE_BRUSH):
        return BandTool(name, size, options)
    if name is ToolName.LASSO:
        return LassoTool(options)
    if name is ToolName.POLYGON:
        return PolygonTool(options)
    return WandTool(size, options) if name is ToolName.WAND else FillTool(size)
