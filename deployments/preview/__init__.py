"""The preview: what a reviewer's browser loads beside the form, behind a log-in of its own."""
