"""The demo's material: photographs with portraits and a seeded generator of designer edits."""
