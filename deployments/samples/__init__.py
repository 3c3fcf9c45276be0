"""The sample generator: papers of invented people that look as if they came off a scanner."""
