"""Speed and scale, repeatable, against named peers."""
