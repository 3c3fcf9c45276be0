"""How it is run: command line, deployments, samples, container and service files."""
