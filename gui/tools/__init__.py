"""The reviewer's hands: tools that take image points and give edits or previews; they know no Qt events."""
