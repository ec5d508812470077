"""The reviewer's hands: tools that paint on masks and place designer images, and how they are tied to the desk."""
