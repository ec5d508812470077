"""The reviewer's hands: small classes that are fed image-space points and answer with previews and edits. No Qt."""
