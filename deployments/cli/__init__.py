"""The command line `sohoa`: everything an operator or administrator does without the UI."""
