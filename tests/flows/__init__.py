"""The line as a whole: twice is once, every error ends where it should."""
