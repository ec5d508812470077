"""The photographs that scikit-image ships, with the portrait in each outlined by hand, and the shots taken of them."""

from __future__ import annotations

from dataclasses import dataclass

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Portrait:
    """What a designer would keep of a photograph: corners of an outline in the file's pixels, to be rounded."""

    file: str
    outline: Outline


@dataclass(frozen=True, slots=True)
class Shot:
    """One original of the demo: a part of a photograph, enlarged to what a camera delivers.

    ``box`` is x, y, width and height in the photograph's pixels; ``flipped`` mirrors it, as if another picture.
    """

    name: str
    file_name: str
    portrait: str
    box: tuple[int, int, int, int]
    long_side: int
    flipped: bool = False


def _circle(x: float, y: float, radius: float) -> Outline:
    unit = ((1, 0), (0.92, 0.38), (0.71, 0.71), (0.38, 0.92), (0, 1), (-0.38, 0.92), (-0.71, 0.71), (-0.92, 0.38))
    ring = (*unit, *((-a, -b) for a, b in unit))
    return tuple((x + radius * a, y + radius * b) for a, b in ring)


PORTRAITS: dict[str, Portrait] = {
    "cat": Portrait(
        "chelsea.png",
        ((35, 0), (310, 0), (322, 12), (345, 3), (397, 0), (388, 28), (358, 74), (361, 100), (364, 126), (357, 156),
         (344, 182), (325, 206), (308, 228), (298, 252), (280, 272), (255, 284), (225, 284), (195, 276), (160, 262),
         (125, 248), (90, 226), (60, 196), (44, 162), (37, 126), (33, 90), (31, 50)),
    ),
    "astronaut": Portrait(
        "astronaut.png",
        ((154, 72), (162, 52), (184, 40), (195, 27), (215, 18), (240, 16), (261, 21), (278, 35), (291, 48), (300, 66),
         (302, 86), (296, 108), (286, 126), (275, 137), (268, 135), (261, 151), (256, 172), (272, 188), (293, 210),
         (304, 235), (303, 256), (288, 278), (260, 293), (225, 298), (190, 289), (155, 266), (130, 241), (116, 212),
         (114, 190), (122, 171), (140, 156), (166, 148), (184, 149), (182, 132), (171, 130), (168, 119), (158, 106),
         (153, 90)),
    ),
    "shuttle": Portrait(
        "astronaut.png",
        ((354, 222), (377, 182), (381, 100), (380, 50), (389, 40), (397, 45), (399, 15), (414, 0), (430, 2), (438, 30),
         (440, 46), (448, 40), (455, 56), (455, 200), (457, 235), (459, 268), (436, 272), (400, 274), (368, 270),
         (367, 262), (384, 228)),
    ),
    "helmet": Portrait(
        "astronaut.png",
        ((278, 470), (285, 425), (305, 390), (340, 360), (380, 346), (412, 344), (446, 358), (470, 380), (486, 412),
         (495, 450), (497, 511), (280, 511)),
    ),
    "patch": Portrait("astronaut.png", _circle(170, 385, 37)),
    "photographer": Portrait(
        "camera.png",
        ((162, 106), (167, 88), (182, 73), (202, 64), (225, 67), (245, 77), (261, 92), (271, 110), (271, 128),
         (261, 133), (253, 145), (255, 165), (248, 173), (246, 183), (236, 195), (216, 197), (200, 190), (192, 198),
         (178, 214), (158, 222), (128, 210), (112, 180), (118, 145), (131, 120), (150, 107)),
    ),
    "cup": Portrait(
        "coffee.png",
        ((173, 108), (176, 82), (192, 58), (215, 38), (245, 24), (280, 18), (320, 21), (355, 32), (383, 50), (400, 72),
         (408, 100), (404, 135), (396, 165), (385, 195), (372, 222), (350, 246), (320, 278), (285, 286), (260, 281),
         (255, 288), (240, 300), (220, 307), (200, 298), (196, 280), (203, 255), (215, 235), (198, 210), (182, 172)),
    ),
    "motorcycle": Portrait(
        "motorcycle_left.png",
        ((92, 209), (148, 193), (137, 159), (162, 146), (184, 165), (246, 170), (285, 193), (354, 187), (357, 167),
         (385, 148), (335, 140), (334, 126), (368, 112), (424, 126), (469, 131), (491, 106), (497, 81), (536, 100),
         (558, 123), (580, 120), (583, 140), (561, 162), (550, 187), (558, 234), (575, 262), (608, 273), (642, 307),
         (675, 357), (684, 402), (670, 441), (631, 452), (586, 430), (536, 385), (511, 335), (505, 312), (480, 312),
         (474, 346), (441, 371), (391, 385), (335, 374), (346, 407), (335, 435), (324, 430), (324, 379), (290, 357),
         (262, 385), (206, 401), (151, 374), (123, 324), (126, 279), (156, 246), (106, 246)),
    ),
    "coin": Portrait("coins.png", _circle(347.5, 187, 32)),
    "rocket": Portrait(
        "rocket.jpg",
        ((309, 160), (312, 138), (322, 127), (333, 138), (336, 175), (337, 300), (356, 362), (358, 408), (288, 408),
         (290, 362), (308, 300)),
    ),
}  # fmt: skip

SHOTS: tuple[Shot, ...] = (
    Shot("1041 Mango", "IMG_4120.jpg", "cat", (0, 0, 451, 300), 1600),
    Shot("1042 Mango", "IMG_4121.jpg", "cat", (14, 0, 400, 300), 1440, True),
    Shot("1043 Captain Eileen", "DSC_0007.jpg", "astronaut", (0, 0, 512, 512), 1536),
    Shot("1044 Espresso", "PXL_20240511_091502.jpg", "cup", (0, 0, 600, 400), 1600),
    Shot("1045 Zoë", "IMG_4188.jpg", "cat", (0, 0, 420, 292), 1280),
    Shot("1046 Red Yamaha", "garage.jpg", "motorcycle", (0, 0, 741, 497), 1800),
    Shot("1047 Eileen", "DSC_0012.jpg", "astronaut", (70, 0, 300, 350), 1400, True),
    Shot("1048 Photographer", "scan 0003.jpg", "photographer", (0, 0, 512, 400), 1500),
    Shot("1049 Space shuttle", "DSC_0013.jpg", "shuttle", (300, 0, 212, 300), 1350),
    Shot("1050 Mango", "IMG_4190.jpg", "cat", (30, 0, 421, 300), 1700),
    Shot("1051 Coffee to go", "PXL_20240511_091730.jpg", "cup", (110, 0, 400, 330), 1320, True),
    Shot("1052 Tetradrachm", "coins-2.jpg", "coin", (216, 94, 168, 170), 1250),
    Shot("1053 Zoë", "IMG_4202.jpg", "cat", (6, 0, 445, 296), 2000, True),
    Shot("1054 Helmet", "DSC_0021.jpg", "helmet", (200, 300, 312, 212), 1480),
    Shot("1055 Launch day", "IMG_7781.jpg", "rocket", (130, 60, 380, 367), 1400),
    Shot("1056 Photographer", "scan 0004.jpg", "photographer", (60, 30, 340, 300), 1360, True),
    Shot("1057 Eileen Collins", "DSC_0030.jpg", "astronaut", (40, 6, 420, 440), 1600),
    Shot("1058 Mission patch", "DSC_0031.jpg", "patch", (90, 300, 190, 170), 1300),
    Shot("1059 Maxim 400", "garage-2.jpg", "motorcycle", (60, 60, 660, 420), 1650, True),
    Shot("1060 Cup", "PXL_20240512_180044.jpg", "cup", (60, 0, 460, 390), 1500),
)
